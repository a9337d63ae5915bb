"""Accuracy by kind of case: how long the history is, and whether the answers are items that few knew."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.evaluation import metrics
from recommendations.engine.evaluation.asking import Evaluation
from recommendations.engine.interactions import Interactions

# The fewest and the most events of a history, both included.
LENGTHS = (("no history", 0, 0), ("1 to 4 events", 1, 4), ("5 to 19 events", 5, 19), ("20 or more", 20, 1 << 30))
COLD_BELOW = 5
COLD = f"items with fewer than {COLD_BELOW} events"
N_RESAMPLES = 300
K = 25


@dataclass(frozen=True, slots=True)
class Segment:
    """The NDCG@25 of some cases, its 95% interval, and how many cases they are."""

    name: str
    n_cases: int
    value: float
    low: float
    high: float


def split_by_segment(evaluation: Evaluation, train: Interactions, *, seed: int = 0) -> tuple[Segment, ...]:
    """Return the segments that have a case: by length of history, then by items that were rare in the training.

    Args:
        evaluation: what was asked and answered.
        train: what the model was trained on.
        seed: of the bootstrap.
    """
    lengths = np.array([len(case.history) for case in evaluation.cases])
    whole = _gains(evaluation, [case.truth for case in evaluation.cases])
    picked = [(name, (lengths >= low) & (lengths <= high), whole) for name, low, high in LENGTHS]
    events = np.bincount(train.items, minlength=train.n_items)
    common = {item_id for item_id, n in zip(train.item_ids, events.tolist(), strict=True) if n >= COLD_BELOW}
    cold = [case.truth - common for case in evaluation.cases]
    picked.append((COLD, np.array([bool(truth) for truth in cold]), _gains(evaluation, cold)))
    return tuple(_segment(evaluation, name, rows, gains, seed) for name, rows, gains in picked if rows.any())


def _segment(
    evaluation: Evaluation, name: str, rows: NDArray[np.bool_], gains: NDArray[np.float64], seed: int
) -> Segment:
    users = [user for user, is_in in zip(evaluation.users, rows.tolist(), strict=True) if is_in]
    low, high = metrics.bootstrap_interval(gains[rows][:, None], users, N_RESAMPLES, seed)
    return Segment(name, len(users), float(gains[rows].mean()), float(low[0]), float(high[0]))


def _gains(evaluation: Evaluation, truths: list[frozenset[str]]) -> NDArray[np.float64]:
    """NDCG@25 of each case for these answers, shape (n_cases,); 0 where there are none."""
    hits = np.zeros((len(truths), K), np.bool_)
    for row, (item_ids, truth) in enumerate(zip(evaluation.lists, truths, strict=True)):
        hits[row, : len(item_ids)] = [item_id in truth for item_id in item_ids]
    return metrics.ndcg(hits, np.array([max(1, len(truth)) for truth in truths], np.int64), K)
