"""Bots: few shoppers, many views; crawlers that walk the shelf and pollers that look at a few products by the clock."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from storefront.simulation.parameters import Parameters
from storefront.simulation.shelf import Shelf
from storefront.simulation.visits import DAY_S

# Bounds of the seconds between two views, drawn on a log scale once a bot: what it does regularly gives it away.
CRAWL_EVERY_S = (0.4, 12.0)
POLL_EVERY_S = (45.0, 600.0)
# Standard deviation of one gap, as a share of it.
JITTER = 0.015
POLLED_ITEMS = (3, 9)
POLLER_SHARE = 0.25


class BotKind(StrEnum):
    """What a bot does all day."""

    CRAWLER = "crawler"
    POLLER = "poller"


@dataclass(frozen=True, slots=True, eq=False)
class Bots:
    """Every bot's views, a run after the other; all of shape (n_views,) but `kinds`.

    Attributes:
        kinds: what each bot is, by its number.
        bot: bot number, from 0.
        run: number of the run, counted over all bots: one uninterrupted session.
        item: index into the shelf.
        at_s: epoch seconds.
    """

    kinds: tuple[BotKind, ...]
    bot: NDArray[np.intp]
    run: NDArray[np.intp]
    item: NDArray[np.intp]
    at_s: NDArray[np.float64]


def draw_bots(parameters: Parameters, shelf: Shelf, starts_s: float, ends_s: float, rng: np.random.Generator) -> Bots:
    """Draw every bot's runs between two moments.

    Args:
        parameters: how many bots, how busy.
        shelf: what there is to look at; nothing is looked at before its release.
        starts_s: start of the window, epoch seconds.
        ends_s: end of the window; nothing happens at or after it.
        rng: the only source of chance.
    """
    n_bots = round(parameters.bot_share * parameters.n_shoppers)
    kinds, owners, runs = [], [], []
    for number in range(n_bots):
        kind = BotKind.POLLER if rng.random() < POLLER_SHARE else BotKind.CRAWLER
        low, high = POLL_EVERY_S if kind is BotKind.POLLER else CRAWL_EVERY_S
        every_s = float(np.exp(rng.uniform(np.log(low), np.log(high))))
        kinds.append(kind)
        lengths = rng.multinomial(max(1, rng.poisson(parameters.views_per_bot)), np.full(3, 1 / 3))
        # Apart by their windows, so that no two runs of one bot overlap.
        windows = np.linspace(starts_s, ends_s, len(lengths) + 1)
        for length, opens_s, closes_s in zip(lengths.tolist(), windows[:-1], windows[1:], strict=True):
            runs.append(_run(kind, length, every_s, (opens_s, closes_s), shelf, rng))
            owners.append(number)
    sizes = [len(at_s) for at_s, _ in runs]
    none = np.empty(0)
    return Bots(
        kinds=tuple(kinds),
        bot=np.repeat(np.array(owners, np.intp), sizes),
        run=np.repeat(np.arange(len(runs)), sizes),
        item=np.concatenate([none, *(item for _, item in runs)]).astype(np.intp),
        at_s=np.concatenate([none, *(at_s for at_s, _ in runs)]),
    )


def _run(
    kind: BotKind,
    length: int,
    every_s: float,
    window_s: tuple[float, float],
    shelf: Shelf,
    rng: np.random.Generator,
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """One run's times and items: as long as the window has room for, never longer than a day."""
    opens_s, closes_s = window_s
    length = int(min(length, DAY_S / every_s, 0.5 * (closes_s - opens_s) / every_s))
    gaps = every_s * np.clip(1 + JITTER * rng.standard_normal(length), 0.5, 1.5)
    elapsed = np.cumsum(gaps) - gaps[:1]
    begins_s = rng.uniform(opens_s, closes_s - elapsed[-1] - 1) if length else opens_s
    on_shelf = np.flatnonzero(shelf.released_s <= begins_s)
    if kind is BotKind.POLLER:
        wanted = int(rng.integers(*POLLED_ITEMS))
        on_shelf = rng.choice(on_shelf, size=min(wanted, len(on_shelf)), replace=False)
    first = rng.integers(len(on_shelf))
    return begins_s + elapsed, on_shelf[(first + np.arange(length)) % len(on_shelf)]
