"""Trending: what more shoppers take to now than before."""

from __future__ import annotations

from functools import partial
from typing import ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.answers.encoding import Encoded
from recommendations.engine.answers.scoring import InOrder, Scoring, order_of
from recommendations.engine.base import EventWeights, Recommender, require_range
from recommendations.engine.interactions import Interactions
from recommendations.engine.live.activity import LiveActivity
from recommendations.engine.live.scoring import Moved
from recommendations.engine.training import TrainingRun

HOUR_S = 3_600
# Events that every item is taken to have had in a bucket: a first event alone is no trend.
PRIOR_EVENTS = 3.0
# What does not grow is offered after all that does, the more popular first; 0 would mean 'not offered'.
STEADY_SHARE = 1e-3
# Of what was counted in training so much never fades, so that all of it is offered.
LEAST_TRAINED = 1e-6
# So many of the items that led in training may lead now; all others only if somebody has touched them lately.
LEADING = 2_000


class Trending(Recommender):
    """Growth of an item's events in the newest bucket of time over what the buckets before it let expect.

    Time is cut into buckets of `bucket_hours`, counted back from the newest event. With now(j) the weight of item j's
    events in the newest bucket and usual(j) the mean of the `buckets` before it, an older one counting `decay` times
    the next newer: growth(j) = (now - usual) / sqrt(usual + 3). Items without growth follow, by their decayed count.

    Events since the training count in. Old ones then fade as time goes on: with E(s) the sum over all events of j of
    weight * exp(-age / s), b a bucket and n the older buckets' summed weight, now(j) = E(b) and usual(j) =
    (E((n + 1) b) - E(b)) / n. What training counted stands in for its events in both, and at a steady rate of events
    neither changes, however late the request.

    Args:
        bucket_hours: the length of a bucket; Personalize's trend discovery frequency.
        buckets: how many buckets before the newest are looked at.
        decay: the weight of each bucket against the next newer one, above 0 and at most 1.
        event_weights: weight of each event type; 1 for types not named, 0 to leave a type out.
        seed: not used: counting has no chance in it.

    Source:
        Amazon Personalize developer guide, "Trending-Now recipe", for what is asked; the growth is a Poisson score.
    """

    name: ClassVar[str] = "trending"
    learned: ClassVar[tuple[str, ...]] = ("scores_", "now_", "before_", "reach_")
    recommends_for_cold: ClassVar[bool] = True

    scores_: NDArray[np.float32]
    _order: NDArray[np.intp]
    now_: NDArray[np.float32]
    before_: NDArray[np.float32]
    reach_: NDArray[np.float64]

    def __init__(
        self,
        bucket_hours: float = 24.0,
        buckets: int = 14,
        decay: float = 0.8,
        event_weights: EventWeights | None = None,
        seed: int = 0,
    ) -> None:
        self.bucket_hours = bucket_hours
        self.buckets = buckets
        self.decay = decay
        self.event_weights = event_weights
        self.seed = seed

    def score_items(self, items: NDArray[np.intp]) -> NDArray[np.float32]:  # noqa: ARG002 - the same for everyone
        """Return the trend of every item, whatever the history; shape (n_items,)."""
        return self.scores_

    def score_history(self, encoded: Encoded) -> NDArray[np.float32]:
        """Return the trend of every item, with what came since the training counted in; shape (n_items,)."""
        return self.scoring(encoded).all()

    def scoring(self, encoded: Encoded) -> Scoring:
        """Return the trend of every item, with what came since the training counted in."""
        trained, live = InOrder(self.scores_, self._order), encoded.live
        if live is None or not live.n_counted:
            return trained
        measure = partial(self._measure, live)
        leading = np.concatenate((live.touched(), self._order[:LEADING]))
        scale = _Scale.of(*measure(leading))
        return Moved(
            lambda items: scale.score(*measure(items)), trained, live.touched(), len(self.item_ids_), fewest=LEADING
        )

    def _measure(self, live: LiveActivity, items: NDArray[np.intp]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return some items' growth and count, as they are now."""
        trained_at, n_buckets = self.reach_.tolist()
        at = max(live.newest_at, int(trained_at))
        bucket_s = self.bucket_hours * HOUR_S
        trained_now = self.now_[items]
        now, both = (
            trained * np.exp((trained_at - at) / life_s) + live.counts(life_s * np.log(2), at, items=items)
            for trained, life_s in (
                (trained_now, bucket_s),
                (trained_now + self.before_[items], (n_buckets + 1) * bucket_s),
            )
        )
        # What was steady in training stays last, however little else there is.
        steady = both + self.scores_[items] * LEAST_TRAINED
        return _growth(now, np.maximum(both - now, 0.0) / n_buckets), steady

    def score_without(
        self, encoded: Encoded, taken_out: NDArray[np.intp], items: NDArray[np.intp]
    ) -> NDArray[np.float32]:
        """Return the scores of some items, which no history changes, once for each that was asked for."""
        scores: NDArray[np.float32] = np.tile(self.score_at(encoded, items), (1 + len(taken_out), 1))
        return scores

    def check(self) -> None:
        """Raise InvalidHyperparameter for one that is out of range."""
        require_range("bucket_hours", self.bucket_hours, 0.01, 24 * 366)
        require_range("buckets", self.buckets, 1, 1_000)
        require_range("decay", self.decay, 0.01, 1)

    def _learn(self, interactions: Interactions, weights: NDArray[np.float32], run: TrainingRun) -> None:
        run.report(0.1, "trending: counting")
        age_s = interactions.timestamps.max() - interactions.timestamps
        bucket = (age_s / (self.bucket_hours * HOUR_S)).astype(np.int64)
        in_time = self.decay ** np.arange(-1.0, self.buckets)
        in_time[0] = 1.0
        discount = np.where(bucket <= self.buckets, in_time[np.minimum(bucket, self.buckets)], 0.0)
        # A log that is younger than all the buckets must not look as if everything had begun today.
        reached = max(1, min(int(bucket.max()), self.buckets))
        n_items = interactions.n_items
        now = np.asarray(np.bincount(interactions.items[bucket == 0], weights[bucket == 0], n_items), np.float64)
        before = np.asarray(
            np.bincount(interactions.items, np.where(bucket > 0, weights * discount, 0.0), n_items), np.float64
        )
        n_buckets = in_time[1 : reached + 1].sum()
        steady = now + before + np.bincount(interactions.items, weights, n_items) * 1e-6
        self.now_, self.before_ = now.astype(np.float32), before.astype(np.float32)
        # When the newest event was, and how many buckets the ones before the newest come to by their weight.
        self.reach_ = np.array([interactions.timestamps.max(), n_buckets], np.float64)
        growth = _growth(now, before / n_buckets)
        self.scores_ = _Scale.of(growth, steady).score(growth, steady)

    def _index_items(self) -> None:
        super()._index_items()
        self._order = order_of(self.scores_)


class _Scale(NamedTuple):
    """What makes a score of growth and count: the greatest of either, and of both together."""

    growth: float
    steady: float
    total: float = 1.0

    @classmethod
    def of(cls, growth: NDArray[np.float64], steady: NDArray[np.float64]) -> Self:
        scale = cls(max(float(growth.max()), 1e-12), float(steady.max()))
        return scale._replace(total=float(scale._add(growth, steady).max()))

    def score(self, growth: NDArray[np.float64], steady: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return growth, and behind all that grows what does not, by its count; the greatest score is 1."""
        scores: NDArray[np.float32] = (self._add(growth, steady) / self.total).astype(np.float32)
        return scores

    def _add(self, growth: NDArray[np.float64], steady: NDArray[np.float64]) -> NDArray[np.float64]:
        return growth / self.growth + STEADY_SHARE * steady / self.steady


def _growth(now: NDArray[np.float64], usual: NDArray[np.float64]) -> NDArray[np.float64]:
    growth: NDArray[np.float64] = np.maximum((now - usual) / np.sqrt(usual + PRIOR_EVENTS), 0.0)
    return growth
