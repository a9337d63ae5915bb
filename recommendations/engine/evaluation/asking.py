"""Asks a fitted model the questions of a split, and says how well it answered and how surely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.base import Recommender
from recommendations.engine.evaluation import metrics
from recommendations.engine.evaluation.splits import Case, Split
from recommendations.engine.exceptions import NotEnoughData
from recommendations.engine.training import Progress

CUTOFFS = (5, 10, 25)
# Amazon Personalize's own names, as GetSolutionMetrics returns them.
METRICS = (
    "mean_reciprocal_rank_at_25",
    *(f"normalized_discounted_cumulative_gain_at_{k}" for k in CUTOFFS),
    *(f"precision_at_{k}" for k in CUTOFFS),
)
NDCG_AT_25 = "normalized_discounted_cumulative_gain_at_25"


@dataclass(frozen=True, slots=True)
class Metric:
    """A mean over cases and its 95% interval."""

    name: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """How one model did on one split.

    Attributes:
        model: the model's name.
        split: the split's name.
        repeats: whether items of the history counted and could be recommended.
        n_cases: questions asked; cases whose truth is empty without repeats are left out.
        coverage: share of the known items in at least one list of 25.
        metrics: one of each name in METRICS, in that order.
        cases: what was asked, length n_cases.
        lists: what was answered, up to 25 items each, best first, length n_cases.
        values: each case's value of each metric, shape (n_cases, len(METRICS)).
    """

    model: str
    split: str
    repeats: bool
    n_cases: int
    coverage: float
    metrics: tuple[Metric, ...]
    cases: tuple[Case, ...]
    lists: tuple[tuple[str, ...], ...]
    values: NDArray[np.float64]

    @property
    def users(self) -> tuple[str, ...]:
        """The user of each case, length n_cases."""
        return tuple(case.user_id for case in self.cases)

    def metric(self, name: str) -> Metric:
        """Return one metric.

        Raises:
            KeyError: there is no metric of this name.
        """
        return self.metrics[_position(name)]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The difference of two models' means on the same cases, first minus second, and its 95% interval."""

    first: str
    second: str
    metric: str
    difference: float
    low: float
    high: float


def evaluate(
    model: Recommender,
    split: Split,
    *,
    repeats: bool = True,
    batch_size: int = 256,
    n_resamples: int = 1_000,
    seed: int = 0,
    progress: Progress | None = None,
) -> Evaluation:
    """Measure a model that was fitted on `split.train`.

    Args:
        model: a fitted model.
        split: the questions.
        repeats: whether items of the history may be recommended and count as truth.
        batch_size: questions asked at once.
        n_resamples: draws of the bootstrap.
        seed: of the bootstrap.
        progress: called with the share done, 0..1, and a note.

    Raises:
        NotFitted: the model was not trained.
        NotEnoughData: the split has no question to ask.
    """
    cases = [case for case in (split.cases if repeats else map(Case.without_repeats, split.cases)) if case.truth]
    if not cases:
        raise NotEnoughData(f"The split {split.name!r} has no case to measure on.")
    hits = np.zeros((len(cases), metrics.MAX_RANK), np.bool_)
    lists: list[tuple[str, ...]] = []
    for start in range(0, len(cases), batch_size):
        batch = cases[start : start + batch_size]
        for row, (case, item_ids) in enumerate(zip(batch, _ask(model, batch, repeats=repeats), strict=True), start):
            lists.append(tuple(item_ids))
            hits[row, : len(item_ids)] = [item_id in case.truth for item_id in item_ids]
        if progress is not None:
            progress(min(1.0, (start + batch_size) / len(cases)), f"asked {start + len(batch)} of {len(cases)}")
    values = _values(hits, np.array([len(case.truth) for case in cases], np.int64))
    low, high = metrics.bootstrap_interval(values, [case.user_id for case in cases], n_resamples, seed)
    means = values.mean(axis=0)
    return Evaluation(
        model=model.name,
        split=split.name,
        repeats=repeats,
        n_cases=len(cases),
        coverage=metrics.coverage(lists, len(split.item_ids)),
        metrics=tuple(map(Metric, METRICS, means.tolist(), low.tolist(), high.tolist())),
        cases=tuple(cases),
        lists=tuple(lists),
        values=values,
    )


def compare(
    first: Evaluation, second: Evaluation, metric: str = NDCG_AT_25, n_resamples: int = 1_000, seed: int = 0
) -> Comparison:
    """Compare two models shopper by shopper; far surer than comparing their two intervals.

    Args:
        first: one model's evaluation.
        second: another's, on the same split and with the same `repeats`.
        metric: one of METRICS.
        n_resamples: draws of the bootstrap.
        seed: of the bootstrap.

    Raises:
        ValueError: the two were not asked the same cases.
        KeyError: there is no metric of this name.
    """
    if first.users != second.users or (first.split, first.repeats) != (second.split, second.repeats):
        raise ValueError(f"{first.model} and {second.model} were measured on different cases; use one split for both.")
    differences = (first.values - second.values)[:, [_position(metric)]]
    low, high = metrics.bootstrap_interval(differences, first.users, n_resamples, seed)
    return Comparison(first.model, second.model, metric, float(differences.mean()), float(low[0]), float(high[0]))


def _position(name: str) -> int:
    if name not in METRICS:
        raise KeyError(f"{name!r} is not a metric; the metrics are {', '.join(METRICS)}.")
    return METRICS.index(name)


def _ask(model: Recommender, cases: Sequence[Case], *, repeats: bool) -> list[list[str]]:
    if repeats:
        traits = [case.traits for case in cases]
        return model.recommend([case.history for case in cases], metrics.MAX_RANK, traits=traits)[0]
    lists = []
    for case in cases:
        allowed = model.allow_all()
        allowed[model.indices_of(event.item_id for event in case.history)] = False
        lists.extend(model.recommend([case.history], metrics.MAX_RANK, allowed, traits=[case.traits])[0])
    return lists


def _values(hits: NDArray[np.bool_], n_relevant: NDArray[np.int64]) -> NDArray[np.float64]:
    columns = [
        metrics.reciprocal_rank(hits),
        *(metrics.ndcg(hits, n_relevant, k) for k in CUTOFFS),
        *(metrics.precision(hits, k) for k in CUTOFFS),
    ]
    return np.stack(columns, axis=1)
