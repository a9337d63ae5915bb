"""A log of any size that looks like a shop's: few popular items, visits of one mind, shoppers with tastes that last."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.interactions import Interactions

EVENTS_PER_USER = 20
EVENTS_PER_VISIT = 5
ITEMS_PER_THEME = 50
FAVOURITES = 3
REPEATED = 0.2
ZIPF = 0.8
FIRST_S = 1_700_000_000
DAYS = 90
DAY_S = 86_400


def count_items(n_events: int) -> int:
    """Return a catalogue's size beside so many events: it grows with their square root, 10,000 beside a million."""
    return max(100, round(10 * math.sqrt(n_events)))


def make_log(n_events: int, n_items: int, seed: int = 0) -> Interactions:
    """Return views of one shopper in twenty events on average, in visits of five.

    A visit has one theme, most often one of the shopper's three; a theme has fifty items, some far more popular than
    others; one event in five is on the item of the event before it.

    Args:
        n_events: rows.
        n_items: of the catalogue; all of them where there are events enough.
        seed: of everything.
    """
    chance = np.random.default_rng(seed)
    n_users = max(2, n_events // EVENTS_PER_USER)
    # Lengths of histories differ by much, as shops' do; and users come in order, so that no row is sorted twice.
    share = chance.lognormal(0.0, 1.0, n_users)
    users = np.sort(chance.choice(n_users, n_events, p=share / share.sum())).astype(np.int32)
    opens = chance.random(n_events) < 1.0 / EVENTS_PER_VISIT
    opens[0] = True
    opens[1:] |= users[1:] != users[:-1]
    visits = np.cumsum(opens) - 1
    first_rows = np.flatnonzero(opens)
    themes = _choose_themes(users[first_rows], n_users, max(1, n_items // ITEMS_PER_THEME), chance)
    items = _choose_items(themes[visits], n_items, chance)
    stays = ~opens & (chance.random(n_events) < REPEATED)
    items = items[np.maximum.accumulate(np.where(stays, 0, np.arange(n_events)))]
    names = [f"item-{number:07d}" for number in range(n_items)]
    log = Interactions.from_indices(
        [f"user-{number:08d}" for number in range(n_users)],
        names,
        ["product_view"],
        users,
        items,
        _choose_times(visits, first_rows, chance),
        np.zeros(n_events, np.int32),
        np.full(n_events, np.nan, np.float32),
    )
    # Items and users that chance left without an event are not in a log.
    return log.take(np.ones(n_events, np.bool_))


def _choose_themes(
    users: NDArray[np.int32], n_users: int, n_themes: int, chance: np.random.Generator
) -> NDArray[np.int64]:
    favourites = chance.integers(0, n_themes, (n_users, FAVOURITES))
    own = favourites[users, chance.integers(0, FAVOURITES, len(users))]
    return np.where(chance.random(len(users)) < 0.8, own, chance.integers(0, n_themes, len(users)))


def _choose_items(themes: NDArray[np.int64], n_items: int, chance: np.random.Generator) -> NDArray[np.int32]:
    places = np.arange(1, ITEMS_PER_THEME + 1) ** -ZIPF
    bounds = np.cumsum(places / places.sum())
    place = np.minimum(np.searchsorted(bounds, chance.random(len(themes))), ITEMS_PER_THEME - 1)
    return ((themes * ITEMS_PER_THEME + place) % n_items).astype(np.int32)


def _choose_times(
    visits: NDArray[np.int64], first_rows: NDArray[np.int64], chance: np.random.Generator
) -> NDArray[np.int64]:
    """A visit's events are a minute apart; the visits of all shoppers lie anywhere in the ninety days."""
    starts = chance.integers(0, DAYS * DAY_S, len(first_rows))
    minute = np.arange(len(visits)) - first_rows[visits]
    return (FIRST_S + starts[visits] + 60 * minute).astype(np.int64)
