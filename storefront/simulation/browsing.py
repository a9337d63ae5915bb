"""Browsing: which product each view is of; momentum inside a session, revisits across them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storefront.simulation.parameters import Parameters
from storefront.simulation.shelf import Shelf
from storefront.simulation.tastes import EARLY, LATE, Tastes
from storefront.simulation.visits import DAY_S, Visits

NEVER = np.float32(-np.inf)


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """What was looked at; all of shape (n_views,).

    Attributes:
        item: item index.
        liking: the shopper's liking of the item, in standard deviations of all views' likings.
        is_repeat: whether the shopper had viewed the item before.
    """

    item: NDArray[np.intp]
    liking: NDArray[np.float64]
    is_repeat: NDArray[np.bool_]


class Browser:
    """Walks all shoppers through their views at once: step n is everybody's n-th view."""

    def __init__(
        self, parameters: Parameters, shelf: Shelf, tastes: Tastes, visits: Visits, rng: np.random.Generator
    ) -> None:
        self._parameters = parameters
        self._shelf = shelf
        self._tastes = tastes
        self._visits = visits
        self._rng = rng
        self._neighbours = shelf.neighbours()
        self._theme = np.zeros(parameters.n_shoppers, np.intp)
        self._last_item = np.full(parameters.n_shoppers, -1, np.intp)
        # The step of each shopper's latest view of each item, from 1; 0 means never.
        self._seen_at = np.zeros((parameters.n_shoppers, shelf.n_items), np.int16)
        self._seen_share = np.zeros((parameters.n_shoppers, shelf.n_themes), np.float32)
        self._theme_sizes = (shelf.theme_items >= 0).sum(axis=1)

    def browse(self) -> Views:
        """Choose every view's item, in the order that each shopper makes them."""
        visits = self._visits
        counts = np.bincount(visits.shopper, minlength=self._parameters.n_shoppers)
        first = np.cumsum(counts) - counts
        busiest_first = np.argsort(-counts, kind="stable")
        item = np.empty(len(visits), np.intp)
        liking = np.empty(len(visits), np.float64)
        is_repeat = np.empty(len(visits), np.bool_)
        for step in range(int(counts.max(initial=0))):
            shoppers = busiest_first[: np.searchsorted(-counts[busiest_first], -step)]
            rows = first[shoppers] + step
            self._move(shoppers, visits.at_s[rows], visits.opens[rows], is_first=step == 0)
            self._head_for(shoppers, visits.aim[rows])
            chosen, liked = self._look(shoppers, visits.at_s[rows], visits.aim[rows], step + 1)
            item[rows], liking[rows] = chosen, liked
            is_repeat[rows] = self._seen_at[shoppers, chosen] > 0
            self._remember(shoppers, chosen, step + 1)
        spread = float(liking.std()) or 1.0
        return Views(item, (liking - liking.mean()) / spread, is_repeat)

    def _move(
        self, shoppers: NDArray[np.intp], at_s: NDArray[np.float64], opens: NDArray[np.bool_], *, is_first: bool
    ) -> None:
        """Keep each shopper's theme, or move it: to a neighbour, or anywhere the taste of the day leads."""
        p = self._parameters
        keeps = self._rng.random(len(shoppers)) < np.where(opens, p.resume_share, p.stay_share)
        moving = np.flatnonzero(~keeps | is_first)
        if not len(moving):
            return
        who, when = shoppers[moving], at_s[moving]
        is_late = self._rng.random(len(who)) < self._tastes.late_share(who, when)
        score = self._tastes.themes[np.where(is_late, LATE, EARLY), who] - p.boredom * self._seen_share[who]
        to_neighbour = ~opens[moving] & (self._rng.random(len(who)) < p.neighbour_share)
        near = self._neighbours[self._theme[who]]
        to_neighbour &= near.any(axis=1)
        is_open = self._shelf.theme_opens_s <= when[:, None]
        allowed = is_open & (near | ~to_neighbour[:, None])
        self._theme[who] = _choose(np.where(allowed, score, NEVER), self._rng)

    def _head_for(self, shoppers: NDArray[np.intp], aim: NDArray[np.intp]) -> None:
        aimed = aim >= 0
        self._theme[shoppers[aimed]] = self._shelf.theme[aim[aimed]]

    def _look(
        self, shoppers: NDArray[np.intp], at_s: NDArray[np.float64], aim: NDArray[np.intp], step: int
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Choose one item of each shopper's theme, or the one it came for, and tell how much the shopper likes it."""
        candidates = self._shelf.theme_items[self._theme[shoppers]]
        liking = self._liking(shoppers, candidates)
        age_days = (at_s[:, None] - self._shelf.released_s[candidates]) / DAY_S
        exists = (candidates >= 0) & (age_days >= 0)
        p = self._parameters
        bump = p.release_bump * np.exp(-np.maximum(age_days, 0) / p.release_bump_days)
        seen_at = self._seen_at[shoppers[:, None], candidates]
        seen = seen_at > 0
        revisits = self._rng.random(len(shoppers)) < p.revisit_share
        fresh = p.recency * seen * np.exp((seen_at - step) / p.recency_views)
        score = np.where(exists, liking + self._tastes.hype[candidates] + bump + fresh, NEVER)
        fits = exists & (seen == revisits[:, None]) & (candidates != self._last_item[shoppers][:, None])
        # A theme that is new to the shopper has nothing to revisit, one that is worn out nothing new.
        score = np.where(fits | ~fits.any(axis=1)[:, None], score, NEVER)
        column = _choose(score, self._rng)
        column = np.where(aim >= 0, np.argmax(candidates == aim[:, None], axis=1), column)
        rows = np.arange(len(shoppers))
        return candidates[rows, column], liking[rows, column]

    def _remember(self, shoppers: NDArray[np.intp], chosen: NDArray[np.intp], step: int) -> None:
        theme = self._theme[shoppers]
        is_new = self._seen_at[shoppers, chosen] == 0
        self._seen_share[shoppers, theme] += is_new / self._theme_sizes[theme]
        self._seen_at[shoppers, chosen] = min(step, np.iinfo(np.int16).max)
        self._last_item[shoppers] = chosen

    def _liking(self, shoppers: NDArray[np.intp], candidates: NDArray[np.intp]) -> NDArray[np.float64]:
        total = np.zeros(candidates.shape)
        for name, codes in self._shelf.attributes.items():
            total += self._tastes.attributes[name][shoppers[:, None], codes[candidates]]
        return total


def _choose(score: NDArray[np.floating], rng: np.random.Generator) -> NDArray[np.intp]:
    """One column a row with probability softmax(score): the greatest after adding Gumbel noise."""
    noise: NDArray[np.float32] = rng.random(score.shape, np.float32)
    return np.asarray(np.argmax(score - np.log(-np.log(noise + 1e-12) + 1e-12), axis=1))
