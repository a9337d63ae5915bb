"""The figures that recommenders are compared by: NDCG@10, Recall@20, MRR@25 and coverage@10 of one split."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recommendations.engine import metrics
from recommendations.engine.base import Recommender
from recommendations.engine.exceptions import NotEnoughData
from recommendations.engine.splits import Case, Split


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over cases, each 0..1.

    Attributes:
        ndcg_at_10: with one answer 1 / log2(1 + rank), 0 below rank 10.
        recall_at_20: the share of the answers among the first 20.
        mrr_at_25: 1 / rank of the first answer, 0 below rank 25.
        coverage_at_10: the share of the items trained on that are in at least one list of 10.
        n_cases: questions asked.
    """

    ndcg_at_10: float
    recall_at_20: float
    mrr_at_25: float
    coverage_at_10: float
    n_cases: int


def measure(model: Recommender, split: Split, *, filter_seen: bool = False, drop_seen_answers: bool = False) -> Figures:
    """Ask a model, fitted on `split.train`, every question of a split over the whole catalogue.

    Args:
        model: a fitted model.
        split: the questions.
        filter_seen: whether items of the history are taken out of the lists.
        drop_seen_answers: whether they are no answers either, and questions without another are not asked; otherwise
            such a question counts as missed where `filter_seen` is set.

    Raises:
        NotFitted: the model was not trained.
        NotEnoughData: the split has no question to ask.
    """
    cases = split.cases
    if drop_seen_answers:
        new_only = ((case, case.truth - {event.item_id for event in case.history}) for case in cases)
        cases = tuple(Case(case.user_id, case.history, truth) for case, truth in new_only if truth)
    if not cases:
        raise NotEnoughData(f"The split {split.name!r} has no case to measure on.")
    hits = np.zeros((len(cases), metrics.MAX_RANK), np.bool_)
    shown: set[str] = set()
    for row, case in enumerate(cases):
        allowed = None
        if filter_seen:
            allowed = model.allow_all()
            allowed[model.indices_of(event.item_id for event in case.history)] = False
        (item_ids,), _ = model.recommend([case.history], metrics.MAX_RANK, allowed)
        shown.update(item_ids[:10])
        hits[row, : len(item_ids)] = [item_id in case.truth for item_id in item_ids]
    n_relevant = np.array([len(case.truth) for case in cases], np.int64)
    return Figures(
        ndcg_at_10=float(metrics.ndcg(hits, n_relevant, 10).mean()),
        recall_at_20=float((hits[:, :20].sum(axis=1) / n_relevant).mean()),
        mrr_at_25=float(metrics.reciprocal_rank(hits).mean()),
        coverage_at_10=metrics.coverage([tuple(shown & set(split.train.item_ids))], split.train.n_items),
        n_cases=len(cases),
    )
