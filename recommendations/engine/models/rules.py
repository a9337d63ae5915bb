"""Sequential rules: what is clicked or bought soon after what."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.answers.encoding import Encoded
from recommendations.engine.answers.scoring import Somewhere
from recommendations.engine.arrays.ragged import top_entries_per_row
from recommendations.engine.arrays.rows import add_rows, add_rows_without, reach_of
from recommendations.engine.base import EventWeights, Recommender, require_range
from recommendations.engine.interactions import Interactions
from recommendations.engine.models.pairs import count_pairs
from recommendations.engine.training import TrainingRun


class SequentialRules(Recommender):
    """Item-to-item rules from the order of events.

    C[i, j] = sum over pairs (i, then j, d events later, d <= window) of weight(j) / d; each row is divided by its sum,
    each column by popularity(j) ** popularity_discount; a row keeps its `row_size` greatest entries. A history is
    scored as the sum over its events of history_decay ** age * C[item], age 0 being the newest. Rules from an item to
    itself are kept, since a third of a shop's next events are repeats.

    Args:
        window: the greatest distance of a pair, in events.
        popularity_discount: how strongly popular items are held back, 0..1.
        row_size: the most rules kept for an item.
        history_decay: what an event's weight is multiplied with for each newer event.
        event_weights: weight of each event type; 1 for types not named, 0 to leave a type out.
        seed: not used: counting has no chance in it.

    Source:
        Ludewig and Jannach, "Evaluation of session-based recommendation algorithms" (2018), section 3.1, SR.
    """

    name: ClassVar[str] = "rules"
    learned: ClassVar[tuple[str, ...]] = ("starts_", "targets_", "strengths_")
    decays: ClassVar[tuple[float, ...]] = (0.5, 0.6, 0.7, 0.8, 0.9)

    starts_: NDArray[np.int64]
    targets_: NDArray[np.int32]
    strengths_: NDArray[np.float32]

    def __init__(
        self,
        window: int = 10,
        popularity_discount: float = 0.5,
        row_size: int = 500,
        history_decay: float = 0.8,
        event_weights: EventWeights | None = None,
        seed: int = 0,
    ) -> None:
        self.window = window
        self.popularity_discount = popularity_discount
        self.row_size = row_size
        self.history_decay = history_decay
        self.event_weights = event_weights
        self.seed = seed

    def score_items(self, items: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the sum of the history's rules for every item, shape (n_items,)."""
        return self.scoring(Encoded.of_order(items)).all()

    def scoring(self, encoded: Encoded) -> Somewhere:
        """Return the sum of the history's rules."""
        newest = encoded.items[-reach_of(self.history_decay) :]
        decays = self.history_decay ** np.arange(len(newest) - 1, -1, -1.0)
        return add_rows(self.starts_, self.targets_, self.strengths_, newest, decays.astype(np.float32))

    def score_without(
        self, encoded: Encoded, taken_out: NDArray[np.intp], items: NDArray[np.intp]
    ) -> NDArray[np.float32]:
        """Return the sums at some items with everything, and without each of some others."""
        return add_rows_without(
            self.starts_,
            self.targets_,
            self.strengths_,
            encoded.items,
            taken_out,
            items,
            decay=self.history_decay,
            reach=reach_of(self.history_decay),
        )

    def check(self) -> None:
        """Raise InvalidHyperparameter for one that is out of range."""
        require_range("window", self.window, 1, 100)
        require_range("popularity_discount", self.popularity_discount, 0, 1)
        require_range("row_size", self.row_size, 1, 10_000)
        require_range("history_decay", self.history_decay, 0.01, 1)

    def _learn(self, interactions: Interactions, weights: NDArray[np.float32], run: TrainingRun) -> None:
        n_items = interactions.n_items

        def report(distance: int) -> None:
            run.report(0.8 * (distance - 1) / self.window, f"rules: pairs {distance} apart")

        counts = count_pairs(interactions.users, interactions.items, n_items, self.window, weights, report)
        run.report(0.8, "rules: keeping the strongest")
        counts.sort_indices()
        popularity = np.bincount(interactions.items, weights, n_items)
        row_sums: NDArray[np.float32] = np.asarray(counts.sum(axis=1)).ravel()
        lengths = np.diff(counts.indptr)
        strengths = counts.data / np.repeat(np.maximum(row_sums, 1e-12), lengths)
        strengths = (strengths / popularity[counts.indices] ** self.popularity_discount).astype(np.float32)
        kept, self.starts_ = top_entries_per_row(counts.indptr.astype(np.int64), strengths, self.row_size)
        self.targets_ = counts.indices[kept].astype(np.int32)
        self.strengths_ = strengths[kept]
