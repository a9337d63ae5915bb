"""A shopper's own recent items: whether they are wanted again or the last thing wanted, a blend finds out."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.answers.encoding import Encoded
from recommendations.engine.answers.scoring import Somewhere
from recommendations.engine.base import EventWeights, Recommender, require_range
from recommendations.engine.interactions import Interactions
from recommendations.engine.training import TrainingRun


class Repeats(Recommender):
    """history_decay ** age for each item of the history, age 0 being the newest event; 0 for all others.

    Where shoppers come back to what they looked at, this alone is hard to beat; where one order never holds an item
    twice, it says what not to offer. A blend may therefore give it a weight below 0.

    Args:
        history_decay: what an item's score is multiplied with for each newer event.
        event_weights: 0 leaves a type out; other weights make no difference here.
        seed: not used: there is no chance in it.
    """

    name: ClassVar[str] = "repeats"
    learned: ClassVar[tuple[str, ...]] = ()
    may_count_against: ClassVar[bool] = True

    def __init__(self, history_decay: float = 0.9, event_weights: EventWeights | None = None, seed: int = 0) -> None:
        self.history_decay = history_decay
        self.event_weights = event_weights
        self.seed = seed

    def score_items(self, items: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the recency of the history's items, shape (n_items,)."""
        return self.scoring(Encoded.of_order(items)).all()

    def scoring(self, encoded: Encoded) -> Somewhere:
        """Return the recency of the history's items."""
        n_events = len(encoded.items)
        # What comes later takes the place of what came before, so that each item is left with its newest event.
        age = dict(zip(encoded.items.tolist(), range(n_events - 1, -1, -1), strict=True))
        items = sorted(age)
        recency = self.history_decay ** np.array([float(age[item]) for item in items])
        return Somewhere(np.array(items, np.intp), recency.astype(np.float32), len(self.item_ids_))

    def check(self) -> None:
        """Raise InvalidHyperparameter for one that is out of range."""
        require_range("history_decay", self.history_decay, 0.01, 1)

    def _learn(self, interactions: Interactions, weights: NDArray[np.float32], run: TrainingRun) -> None:  # noqa: ARG002
        run.report(0.5, "repeats: nothing to count")
