"""What most shoppers like, the same list for everyone: the floor that every other model must beat."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.answers.encoding import Encoded
from recommendations.engine.answers.scoring import InOrder, Scoring, order_of
from recommendations.engine.base import EventWeights, Recommender, require_range
from recommendations.engine.interactions import Interactions
from recommendations.engine.live.scoring import Moved
from recommendations.engine.training import TrainingRun

DAY_S = 86_400
# Decay alone would let a long unsold item sink to an exact 0, which means 'not offered'.
ALL_TIME_SHARE = 1e-6
# What was counted in training never fades further beside what came since, for the same reason.
LEAST_TRAINED = 1e-9


class Popularity(Recommender):
    """Counts of events or of users, an old event counting less.

    score(j) = sum over events of j of weight * 0.5 ** (age / half-life), divided by the greatest such sum. Age is
    taken from the newest event trained on. With `unique_users` only a shopper's last event on j counts. Events since
    the training count in, with `unique_users` once a visit, and ages are then taken from the newest of them.

    Args:
        half_life_days: days after which an event counts half; None for no decay.
        unique_users: count users instead of events.
        event_weights: weight of each event type; 1 for types not named, 0 to leave a type out.
        seed: not used: counting has no chance in it.

    Source:
        Amazon Personalize developer guide, "Popularity-Count recipe": popularity by unique users.
    """

    name: ClassVar[str] = "popularity"
    learned: ClassVar[tuple[str, ...]] = ("scores_", "scale_")
    recommends_for_cold: ClassVar[bool] = True

    scores_: NDArray[np.float32]
    _order: NDArray[np.intp]
    scale_: NDArray[np.float64]

    def __init__(
        self,
        half_life_days: float | None = 14.0,
        *,
        unique_users: bool = True,
        event_weights: EventWeights | None = None,
        seed: int = 0,
    ) -> None:
        self.half_life_days = half_life_days
        self.unique_users = unique_users
        self.event_weights = event_weights
        self.seed = seed

    def score_items(self, items: NDArray[np.intp]) -> NDArray[np.float32]:  # noqa: ARG002 - the same for everyone
        """Return the popularity of every item, whatever the history; shape (n_items,)."""
        return self.scores_

    def score_history(self, encoded: Encoded) -> NDArray[np.float32]:
        """Return the popularity of every item, with what came since the training counted in; shape (n_items,)."""
        return self.scoring(encoded).all()

    def scoring(self, encoded: Encoded) -> Scoring:
        """Return the popularity of every item, with what came since the training counted in."""
        trained, live = InOrder(self.scores_, self._order), encoded.live
        if live is None or not live.n_counted:
            return trained
        events, trained_at = self.scale_.tolist()
        at = max(live.newest_at, int(trained_at))
        half_life_s = np.inf if self.half_life_days is None else self.half_life_days * DAY_S
        faded = np.float32(max(0.5 ** ((at - trained_at) / half_life_s), LEAST_TRAINED))

        def score_at(items: NDArray[np.intp]) -> NDArray[np.float32]:
            since = live.counts(half_life_s, at, once_a_visit=self.unique_users, items=items)
            scores: NDArray[np.float32] = self.scores_[items] * faded + (since / events).astype(np.float32)
            return scores

        return Moved(score_at, trained, live.touched(), len(self.item_ids_))

    def score_without(
        self, encoded: Encoded, taken_out: NDArray[np.intp], items: NDArray[np.intp]
    ) -> NDArray[np.float32]:
        """Return the scores of some items, which no history changes, once for each that was asked for."""
        scores: NDArray[np.float32] = np.tile(self.score_at(encoded, items), (1 + len(taken_out), 1))
        return scores

    def check(self) -> None:
        """Raise InvalidHyperparameter for one that is out of range."""
        if self.half_life_days is not None:
            require_range("half_life_days", self.half_life_days, 0.01, 36_500)

    def _learn(self, interactions: Interactions, weights: NDArray[np.float32], run: TrainingRun) -> None:
        run.report(0.1, "popularity: counting")
        counts = weights.astype(np.float64)
        if self.unique_users:
            counts = np.where(_last_of_each_pair(interactions), counts, 0.0)
        decayed = counts
        if self.half_life_days is not None:
            age_days = (interactions.timestamps.max() - interactions.timestamps) / DAY_S
            decayed = counts * 0.5 ** (age_days / self.half_life_days)
        recent = np.bincount(interactions.items, decayed, interactions.n_items)
        all_time = np.bincount(interactions.items, counts, interactions.n_items)
        total = recent / recent.max() + ALL_TIME_SHARE * all_time / all_time.max()
        self.scores_ = (total / total.max()).astype(np.float32)
        # How many events a score of 1 stands for, and as of when.
        self.scale_ = np.array([recent.max() * total.max(), interactions.timestamps.max()], np.float64)

    def _index_items(self) -> None:
        super()._index_items()
        self._order = order_of(self.scores_)


def _last_of_each_pair(interactions: Interactions) -> NDArray[np.bool_]:
    """Return, for each row, whether it is its user's last event on its item."""
    pairs = interactions.users.astype(np.int64) * interactions.n_items + interactions.items
    # Rows are in order of time within a user, and a stable sort keeps that order within a pair.
    order = np.argsort(pairs, kind="stable")
    ends = np.append(np.diff(pairs[order]) != 0, True)
    last = np.zeros(len(pairs), np.bool_)
    last[order[ends]] = True
    return last
