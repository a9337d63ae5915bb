"""Trending: what more shoppers take to now than before."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.base import EventWeights, Recommender, require_range
from recommendations.engine.interactions import Interactions
from recommendations.engine.training import TrainingRun

HOUR_S = 3_600
# Events that every item is taken to have had in a bucket: a first event alone is no trend.
PRIOR_EVENTS = 3.0
# What does not grow is offered after all that does, the more popular first; 0 would mean 'not offered'.
STEADY_SHARE = 1e-3


class Trending(Recommender):
    """Growth of an item's events in the newest bucket of time over what the buckets before it let expect.

    Time is cut into buckets of `bucket_hours`, counted back from the newest event. With now(j) the weight of item j's
    events in the newest bucket and usual(j) the mean of the `buckets` before it, an older one counting `decay` times
    the next newer: growth(j) = (now - usual) / sqrt(usual + 3). Items without growth follow, by their decayed count.

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
    learned: ClassVar[tuple[str, ...]] = ("scores_",)
    recommends_for_cold: ClassVar[bool] = True

    scores_: NDArray[np.float32]

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
        now = np.bincount(interactions.items[bucket == 0], weights[bucket == 0], n_items)
        before = np.bincount(interactions.items, np.where(bucket > 0, weights * discount, 0.0), n_items)
        usual = before / in_time[1 : reached + 1].sum()
        growth = np.maximum((now - usual) / np.sqrt(usual + PRIOR_EVENTS), 0.0)
        steady = now + before + np.bincount(interactions.items, weights, n_items) * 1e-6
        total = growth / max(float(growth.max()), 1e-12) + STEADY_SHARE * steady / steady.max()
        self.scores_ = (total / total.max()).astype(np.float32)
