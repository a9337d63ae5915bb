"""The best foreknowledge there is: how likely each item is looked at next, by the simulation's own tastes and rules."""

import numpy as np
from numpy.typing import NDArray

from storefront.simulation.parameters import Parameters
from storefront.simulation.shelf import Shelf
from storefront.simulation.tastes import EARLY, LATE, Tastes
from storefront.simulation.visits import DAY_S


class Truth:
    """Foretells a shopper's next look from all earlier ones, as whoever had written the simulation could.

    Nobody can do better on average who does not know how its dice will fall: what `browsing` draws is added up here
    over all that it may draw. Looks that a drop's rush decides are no matter of taste, and are not foretold.

    Args:
        parameters: of the simulated world.
        shelf: what there is to look at.
        tastes: of its shoppers.
    """

    def __init__(self, parameters: Parameters, shelf: Shelf, tastes: Tastes) -> None:
        self._parameters = parameters
        self._shelf = shelf
        self._tastes = tastes
        self._neighbours = shelf.neighbours()
        self._theme_sizes = (shelf.theme_items >= 0).sum(axis=1)

    def foretell(self, shopper: int, viewed: NDArray[np.intp], at_s: float, *, opens: bool) -> NDArray[np.float64]:
        """Return the chance of each item to be the shopper's next look, shape (n_items,).

        Args:
            shopper: the shopper's number.
            viewed: items of all the shopper's looks so far, oldest first, at least one; shape (n_views,).
            at_s: the moment of the next look, epoch seconds.
            opens: whether that look is the first of a session.
        """
        seen_at = np.zeros(self._shelf.n_items, np.int64)
        # Of an item seen more than once the latest look counts, and is written last.
        seen_at[viewed] = np.arange(1, len(viewed) + 1)
        themes = self._themes(shopper, int(viewed[-1]), seen_at > 0, at_s, opens=opens)
        return themes[self._shelf.theme] * self._within_themes(shopper, int(viewed[-1]), seen_at, len(viewed) + 1, at_s)

    def foretell_without_clock(
        self, shopper: int, viewed: NDArray[np.intp], at_s: float, *, n_in_session: int
    ) -> NDArray[np.float64]:
        """Return the same for whoever does not know whether a new session has begun.

        Args:
            shopper, viewed, at_s: see `foretell`.
            n_in_session: looks of the newest session so far.
        """
        goes_on = 1 - 1 / self._parameters.views_per_session
        share = goes_on if n_in_session < self._parameters.longest_session else 0.0
        stays = self.foretell(shopper, viewed, at_s, opens=False)
        return share * stays + (1 - share) * self.foretell(shopper, viewed, at_s, opens=True)

    def _themes(
        self, shopper: int, last: int, seen: NDArray[np.bool_], at_s: float, *, opens: bool
    ) -> NDArray[np.float64]:
        """Chance of each theme, shape (n_themes,)."""
        p, shelf, tastes = self._parameters, self._shelf, self._tastes
        theme = int(shelf.theme[last])
        worn = np.bincount(shelf.theme, seen, shelf.n_themes) / self._theme_sizes
        is_open = shelf.theme_opens_s <= at_s
        near = self._neighbours[theme]
        to_neighbour = p.neighbour_share if near.any() and not opens else 0.0
        late = float(tastes.late_share(np.array([shopper]), np.array([at_s]))[0])
        moves = np.zeros(shelf.n_themes)
        for when, share in ((EARLY, 1 - late), (LATE, late)):
            score = tastes.themes[when, shopper] - p.boredom * worn
            moves += share * to_neighbour * _softmax(score, is_open & near)
            moves += share * (1 - to_neighbour) * _softmax(score, is_open)
        keeps = p.resume_share if opens else p.stay_share
        found: NDArray[np.float64] = (1 - keeps) * moves
        found[theme] += keeps
        return found

    def _within_themes(
        self, shopper: int, last: int, seen_at: NDArray[np.int64], step: int, at_s: float
    ) -> NDArray[np.float64]:
        """Chance of each item once its theme is chosen, shape (n_items,)."""
        p, shelf, tastes = self._parameters, self._shelf, self._tastes
        age_days = (at_s - shelf.released_s) / DAY_S
        exists, seen = age_days >= 0, seen_at > 0
        liking = np.zeros(shelf.n_items)
        for name, codes in shelf.attributes.items():
            liking += tastes.attributes[name][shopper, codes]
        bump = p.release_bump * np.exp(-np.maximum(age_days, 0) / p.release_bump_days)
        fresh = p.recency * seen * np.exp((seen_at - step) / p.recency_views)
        score = liking + tastes.hype + bump + fresh
        weight = np.exp(score - score.max()) * exists
        is_other = np.arange(shelf.n_items) != last
        found = np.zeros(shelf.n_items)
        for revisits, share in ((True, p.revisit_share), (False, 1 - p.revisit_share)):
            fits = exists & is_other & (seen == revisits)
            # A theme that is new has nothing to revisit, one that is worn out nothing new: then all of it is meant.
            has_any = np.bincount(shelf.theme, fits, shelf.n_themes) > 0
            mine = weight * (fits | ~has_any[shelf.theme])
            total = np.bincount(shelf.theme, mine, shelf.n_themes)
            found += share * mine / np.maximum(total, 1e-300)[shelf.theme]
        return found


def _softmax(score: NDArray[np.floating], allowed: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Chances in proportion to exp(score) among what is allowed; none where nothing is."""
    weight = np.exp(score.astype(np.float64) - float(score.max())) * allowed
    return np.asarray(weight / max(float(weight.sum()), 1e-300))
