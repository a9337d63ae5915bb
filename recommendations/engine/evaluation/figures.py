"""The figures that recommenders are compared by: NDCG@10, Recall@20, MRR@25 and coverage@10 of one split."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.base import Recommender
from recommendations.engine.evaluation import metrics
from recommendations.engine.evaluation.splits import Split
from recommendations.engine.exceptions import NotEnoughData
from recommendations.engine.interactions import Interactions


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


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What a model answered to a split's questions.

    Attributes:
        hits: whether the item at each rank is an answer, shape (n_cases, 25).
        n_relevant: how many answers each question has, shape (n_cases,).
        users: who each question is of, length n_cases.
        shown: the items in the first ten of any list.
    """

    hits: NDArray[np.bool_]
    n_relevant: NDArray[np.int64]
    users: tuple[str, ...]
    shown: frozenset[str]

    def ndcg_at_10(self) -> NDArray[np.float64]:
        """Return each question's NDCG@10, shape (n_cases,)."""
        return metrics.ndcg(self.hits, self.n_relevant, 10)

    def summarise(self, train: Interactions) -> Figures:
        """Return the means; coverage is of the items trained on."""
        return Figures(
            ndcg_at_10=float(self.ndcg_at_10().mean()),
            recall_at_20=float((self.hits[:, :20].sum(axis=1) / self.n_relevant).mean()),
            mrr_at_25=float(metrics.reciprocal_rank(self.hits).mean()),
            coverage_at_10=metrics.coverage([tuple(self.shown & set(train.item_ids))], train.n_items),
            n_cases=len(self.users),
        )


def measure(model: Recommender, split: Split, *, filter_seen: bool = False, drop_seen_answers: bool = False) -> Figures:
    """Ask a model, fitted on `split.train`, every question of a split over the whole catalogue; see `ask`."""
    answers = ask(model, split, filter_seen=filter_seen, drop_seen_answers=drop_seen_answers)
    return answers.summarise(split.train)


def ask(
    model: Recommender,
    split: Split,
    *,
    filter_seen: bool = False,
    drop_seen_answers: bool = False,
    among: Iterable[str] | None = None,
) -> Answers:
    """Ask a model every question of a split.

    Args:
        model: a fitted model.
        split: the questions.
        filter_seen: whether items of the history are taken out of the lists.
        drop_seen_answers: whether they are no answers either, and questions without another are not asked; otherwise
            such a question counts as missed where `filter_seen` is set.
        among: the items that may be in the lists; the whole catalogue by default.

    Raises:
        NotFitted: the model was not trained.
        NotEnoughData: the split has no question to ask.
    """
    cases = [case.without_repeats() for case in split.cases] if drop_seen_answers else split.cases
    cases = [case for case in cases if case.truth]
    if not cases:
        raise NotEnoughData(f"The split {split.name!r} has no case to measure on.")
    offered = None
    if among is not None:
        offered = ~model.allow_all()
        offered[model.indices_of(among)] = True
    hits = np.zeros((len(cases), metrics.MAX_RANK), np.bool_)
    shown: set[str] = set()
    for row, case in enumerate(cases):
        allowed = offered
        if filter_seen:
            allowed = model.allow_all() if offered is None else offered.copy()
            allowed[model.indices_of(event.item_id for event in case.history)] = False
        (item_ids,), _ = model.recommend([case.history], metrics.MAX_RANK, allowed, traits=[case.traits])
        shown.update(item_ids[:10])
        hits[row, : len(item_ids)] = [item_id in case.truth for item_id in item_ids]
    n_relevant = np.array([len(case.truth) for case in cases], np.int64)
    return Answers(hits, n_relevant, tuple(case.user_id for case in cases), frozenset(shown))
