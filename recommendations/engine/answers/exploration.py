"""Exploration: young items get a chance that shrinks with every time nobody took it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.answers.candidates import Candidates
from recommendations.engine.answers.scoring import Scoring
from recommendations.engine.attributes.metadata import UNKNOWN_TIME, Metadata
from recommendations.engine.exceptions import InvalidHyperparameter

DAY_S = 86_400
# Amazon Personalize developer guide, "User-Personalization recipe": the defaults of item exploration.
DEFAULT_WEIGHT = 0.3
DEFAULT_AGE_CUT_OFF_DAYS = 30.0
# The newest so many items of a catalogue are explored, and so many of them are tried in one list.
MOST_YOUNG = 10_000
MOST_TRIED = 50
# From so many events on, an item's score says enough of it. Source: Amazon Personalize developer guide, "HRNN-Coldstart
# recipe": the default of cold_start_max_interactions.
WELL_KNOWN = 15
# What is believed of an item that nobody has seen: one click in twenty impressions, and as sure as twenty make it.
PRIOR_CLICKS, PRIOR_MISSES = 1.0, 19.0
PRIOR_SHARE = PRIOR_CLICKS / (PRIOR_CLICKS + PRIOR_MISSES)
# The item that ends the first page of a list is held for one of that share of clicks.
PAGE = 12
# Shown so often without a click, an item loses its chance in proportion to what it is shown beyond.
PATIENCE = 10


@dataclass(frozen=True, slots=True)
class ExplorationConfig:
    """How much a campaign explores.

    Attributes:
        weight: of a draw against the model's own score, 0..1; 0 explores nothing.
        age_cut_off_days: items older than this, at the newest interaction of the training, are not explored.
    """

    weight: float = DEFAULT_WEIGHT
    age_cut_off_days: float = DEFAULT_AGE_CUT_OFF_DAYS

    def __post_init__(self) -> None:
        if not 0 <= self.weight <= 1:
            raise InvalidHyperparameter(f"exploration_weight is {self.weight!r}; give a number from 0 to 1.")
        if not 0 <= self.age_cut_off_days <= 10_000:
            raise InvalidHyperparameter(
                f"exploration_item_age_cut_off is {self.age_cut_off_days!r}; give days from 0 to 10,000."
            )


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """How often items were shown, and clicked on when they were, in the order of the young items.

    Attributes:
        impressions: shape (n_young,).
        clicks: shape (n_young,).
    """

    impressions: NDArray[np.float64]
    clicks: NDArray[np.float64]

    @classmethod
    def never(cls, n_young: int) -> Shown:
        """Nothing was shown yet."""
        return cls(np.zeros(n_young), np.zeros(n_young))

    def first(self, n: int) -> Shown:
        """Return these of the first so many items."""
        return Shown(self.impressions[:n], self.clicks[:n])

    def and_never(self, n_more: int) -> Shown:
        """Return these, and behind them so many more that were never shown."""
        more = np.zeros(n_more)
        return Shown(np.concatenate((self.impressions, more)), np.concatenate((self.clicks, more)))


def find_young(items: Metadata, n_events: NDArray[np.intp], newest_s: int, age_cut_off_days: float) -> NDArray[np.intp]:
    """Return which items are to be explored: within the cut-off, told of by few events; the newest 10,000 of them.

    Args:
        items: what is known of each item of a catalogue, in its order; undated items are not young.
        n_events: how many events the training knew of each, shape (n_items,).
        newest_s: the time of the newest interaction that was trained on, epoch seconds.
        age_cut_off_days: from which age on an item is not young.

    Returns:
        Catalogue indices, ascending, shape (n_young,).
    """
    if items.created_at is None:
        return np.empty(0, np.intp)
    age_s = newest_s - items.created_at
    is_young = (items.created_at != UNKNOWN_TIME) & (age_s < age_cut_off_days * DAY_S)
    young = np.flatnonzero(is_young & (n_events < WELL_KNOWN))
    if len(young) > MOST_YOUNG:
        young = np.sort(young[np.argsort(age_s[young], kind="stable")[:MOST_YOUNG]])
    return young


def explore(
    scoring: Scoring,
    k: int,
    allowed: NDArray[np.bool_] | None,
    *,
    weight: float,
    young: NDArray[np.intp],
    shown: Shown,
    recommendation_id: str,
) -> Candidates:
    """Return the k best items, the young ones among them by a mixture of their score and of chance.

    A young item's share of clicks is drawn from what its impressions leave possible, Beta(1 + clicks, 19 + misses). Its
    worth is then (1 - weight) * the worth of its score + weight * the worth of that share, where the last score of the
    first page and the prior share are both worth a half. All other items keep their score. At most 50 young items are
    tried beside those that the model would list anyway. One recommendation id always gives one list.

    Args:
        scoring: one request's scores.
        k: how many, at least 1.
        allowed: which items may be returned, shape (n_items,); all by default.
        weight: 0..1; at 0 the list is the model's own.
        young: the catalogue indices of young items, ascending, shape (n_young,).
        shown: how they have done so far.
        recommendation_id: what the chance is drawn by.

    Returns:
        Items and their new scores, best first.

    Source:
        Thompson (1933), "On the likelihood that one unknown probability exceeds another".
    """
    places = np.arange(len(young)) if allowed is None else np.flatnonzero(allowed[young])
    if weight == 0 or not len(places):
        return scoring.best(k, allowed).best(k)
    found = scoring.best(k + min(k, len(places)), allowed)
    chance = np.random.default_rng(_seed_of(recommendation_id))
    tried = _choose(places, young, found.items, chance)
    scale = _Scale.of(found)
    mixed = (1 - weight) * scale.worth(scoring.at(young[tried])) + weight * _draw(shown, tried, chance)
    chosen = young[tried]
    others = ~_are_in(found.items, chosen, np.searchsorted(chosen, found.items))
    items = np.concatenate((found.items[others], chosen))
    scores = np.concatenate((found.scores[others], scale.score(mixed).astype(np.float32)))
    order = np.argsort(items)
    return Candidates(items[order], scores[order]).above_zero().best(k)


class _Scale(NamedTuple):
    """What scores are worth: a half where the first page ends, and so much more for each score above."""

    page_end: float
    span: float

    @classmethod
    def of(cls, found: Candidates) -> Self:
        if not len(found.items):
            return cls(1.0, 1.0)
        first = found.best(PAGE).scores
        page_end = float(first[-1])
        # Where a page is flat, what is worth more must still come before it.
        return cls(page_end, max(float(first[0]) - page_end, page_end / 10))

    def worth(self, scores: NDArray[np.float32]) -> NDArray[np.float64]:
        below = np.minimum(scores, self.page_end) / self.page_end
        above = np.maximum(scores - self.page_end, 0.0) / self.span
        worth: NDArray[np.float64] = (below + above).astype(np.float64) / 2
        return worth

    def score(self, worth: NDArray[np.float64]) -> NDArray[np.float64]:
        doubled = 2 * worth
        score: NDArray[np.float64] = (
            np.minimum(doubled, 1.0) * self.page_end + np.maximum(doubled - 1.0, 0.0) * self.span
        )
        return score


def _choose(
    places: NDArray[np.intp], young: NDArray[np.intp], found: NDArray[np.intp], chance: np.random.Generator
) -> NDArray[np.intp]:
    """The young items to try, as places in `young`: those already found, and others by chance."""
    if len(places) <= MOST_TRIED:
        return places
    at_found = np.searchsorted(young, found)
    at_found = at_found[_are_in(found, young, at_found)]
    drawn = places[chance.choice(len(places), MOST_TRIED, replace=False, shuffle=False)]
    return np.unique(np.concatenate((at_found, drawn)))


def _are_in(items: NDArray[np.intp], ascending: NDArray[np.intp], at: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which items are in an array where they would stand at these places; several times quicker than `np.isin`."""
    found: NDArray[np.bool_] = (at < len(ascending)) & (ascending[np.minimum(at, len(ascending) - 1)] == items)
    return found


def _draw(shown: Shown, tried: NDArray[np.intp], chance: np.random.Generator) -> NDArray[np.float64]:
    """What each item's draw is worth, shape (n_tried,)."""
    impressions, clicks = shown.impressions[tried], shown.clicks[tried]
    # Clicks may be counted before the impressions that they belong to.
    misses = np.maximum(impressions - clicks, 0.0)
    worth = chance.beta(PRIOR_CLICKS + clicks, PRIOR_MISSES + misses) / (2 * PRIOR_SHARE)
    is_passed_over = (clicks == 0) & (impressions > PATIENCE)
    damped: NDArray[np.float64] = np.where(is_passed_over, worth * PATIENCE / np.maximum(impressions, 1.0), worth)
    return damped


def _seed_of(recommendation_id: str) -> int:
    return int.from_bytes(hashlib.blake2b(recommendation_id.encode(), digest_size=16).digest())
