"""Drops: a release that everybody waited for, and the rush of shoppers who come for it within the hour."""

from dataclasses import dataclass

import numpy as np

from storefront.simulation.parameters import Parameters
from storefront.simulation.shelf import Shelf
from storefront.simulation.tastes import LATE, Tastes
from storefront.simulation.visits import DAY_S, HOUR_S, Rushes

# A drop opens at a full hour of its day, when most are awake (UTC).
OPENING_HOURS = (9, 19)
RUSH_FADES_S = 20 * 60
GREATEST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Drop:
    """One drop: its item and when it opened, in epoch seconds."""

    item: int
    opened_s: float


def draw_rushes(
    parameters: Parameters, shelf: Shelf, tastes: Tastes, starts_s: float, ends_s: float, rng: np.random.Generator
) -> Rushes:
    """Who comes for which drop, and when.

    Args:
        parameters: the share of all shoppers that a drop of medium hype draws.
        shelf: its drops, where released inside the window, draw a rush each.
        tastes: who likes a drop is likelier to come for it.
        starts_s: start of the window, epoch seconds.
        ends_s: end of the window.
        rng: the only source of chance.

    Returns:
        Sessions to be merged with the ordinary ones.
    """
    shoppers, opens, items = [], [], []
    for drop in _drops(shelf, starts_s, ends_s, rng):
        liking = tastes.themes[LATE, :, shelf.theme[drop.item]].astype(np.float64)
        for name, codes in shelf.attributes.items():
            liking += tastes.attributes[name][:, codes[drop.item]]
        pull = np.exp((liking - liking.mean()) / (liking.std() or 1.0))
        share = parameters.rush_share * float(np.exp(0.5 * shelf.hype[drop.item]))
        comes = rng.random(parameters.n_shoppers) < np.minimum(share * pull / pull.mean(), GREATEST_SHARE)
        who = np.flatnonzero(comes)
        at_s = drop.opened_s + rng.exponential(RUSH_FADES_S, len(who))
        in_time = at_s < ends_s
        shoppers.append(who[in_time])
        opens.append(at_s[in_time])
        items.append(np.full(int(in_time.sum()), drop.item))
    none = np.empty(0)
    return Rushes(
        shopper=np.concatenate([none, *shoppers]).astype(np.intp),
        opens_s=np.concatenate([none, *opens]),
        item=np.concatenate([none, *items]).astype(np.intp),
    )


def _drops(shelf: Shelf, starts_s: float, ends_s: float, rng: np.random.Generator) -> list[Drop]:
    """The shelf's drops that open inside the window, in the order of the shelf."""
    inside = shelf.is_awaited & (shelf.released_s >= starts_s) & (shelf.released_s < ends_s)
    items = np.flatnonzero(inside)
    midnight = np.floor(shelf.released_s[items] / DAY_S) * DAY_S
    opened_s = midnight + HOUR_S * rng.integers(*OPENING_HOURS, len(items))
    return [Drop(item, at_s) for item, at_s in zip(items.tolist(), opened_s.tolist(), strict=True) if at_s < ends_s]
