"""Chooses a blend's weights: which mixture ranks a validation cut best."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommendations.engine import metrics
from recommendations.engine.base import Recommender
from recommendations.engine.ranking import top_k
from recommendations.engine.splits import Split
from recommendations.engine.training import TrainingRun

# Wide enough that an item which no part has among its first 100 cannot reach the blend's first 25 by much.
CANDIDATES_PER_PART = 100
GRID = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5)
GRID_AGAINST = (-1.5, -1.0, -0.75, -0.5, -0.3, -0.2, -0.1)
# A score that parts with negative weights have used up; above 0, since 0 would mean 'not offered'.
LEAST_SHARE = np.float32(1e-6)
SWEEPS = 2
# A smaller gain is within the noise of a few hundred cases and stays with the default.
LEAST_GAIN = 0.002


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """The items that matter in each case, with every part's scaled score of them.

    Attributes:
        parts: the parts' names, length n_parts.
        grids: the weights to try for each part, length n_parts.
        scores: shape (n_cases, n_candidates, n_parts), 0..1; rows are padded with 0.
        hits: whether a candidate is in the case's truth, shape (n_cases, n_candidates).
        n_relevant: size of each case's truth, shape (n_cases,).
    """

    parts: tuple[str, ...]
    grids: tuple[tuple[float, ...], ...]
    scores: NDArray[np.float32]
    hits: NDArray[np.bool_]
    n_relevant: NDArray[np.int64]


def collect_candidates(parts: Mapping[str, Recommender], split: Split, run: TrainingRun) -> Candidates:
    """Ask every part every question of a split once.

    Args:
        parts: models fitted on `split.train`.
        split: the validation cut.
        run: where to report.
    """
    models = list(parts.values())
    width = CANDIDATES_PER_PART * len(models)
    scores = np.zeros((len(split.cases), width, len(models)), np.float32)
    hits = np.zeros((len(split.cases), width), np.bool_)
    for row, case in enumerate(split.cases):
        if row % 50 == 0:
            run.report(row / len(split.cases), f"blend: asked {row} of {len(split.cases)} validation cases")
        dense = [_scaled(model.score(case.history)) for model in models]
        items = np.unique(np.concatenate([top_k(part, CANDIDATES_PER_PART) for part in dense]))
        truth = models[0].indices_of(case.truth)
        for column, part in enumerate(dense):
            scores[row, : len(items), column] = part[items]
        hits[row, : len(items)] = np.isin(items, truth)
    n_relevant = np.array([len(case.truth) for case in split.cases], np.int64)
    grids = tuple((*GRID_AGAINST, *GRID) if model.may_count_against else GRID for model in models)
    return Candidates(tuple(parts), grids, scores, hits, n_relevant)


def choose_weights(candidates: Candidates, default: Mapping[str, float]) -> dict[str, float]:
    """Return the weights with the best NDCG@25, found one part at a time from the default.

    Args:
        candidates: the parts' answers.
        default: where the search starts, and where it stays unless a change gains something.
    """
    weights = np.array([default.get(name, 0.0) for name in candidates.parts])
    best = quality(candidates, weights)
    for _ in range(SWEEPS):
        for part in range(len(weights)):
            for value in candidates.grids[part]:
                trial = weights.copy()
                trial[part] = value
                reached = quality(candidates, trial) if trial.max() > 0 else 0.0
                if reached > best + LEAST_GAIN * max(best, 1e-6):
                    weights, best = trial, reached
    return dict(zip(candidates.parts, weights.round(3).tolist(), strict=True))


def quality(candidates: Candidates, weights: NDArray[np.float64]) -> float:
    """Return the mean NDCG@25 of a mixture; `weights` has the shape (n_parts,)."""
    total = candidates.scores @ weights.astype(np.float32)
    offered = candidates.scores @ np.maximum(weights, 0).astype(np.float32)
    total = np.maximum(total, offered * LEAST_SHARE)
    k = min(metrics.MAX_RANK, total.shape[1])
    top = np.argpartition(-total, k - 1, axis=1)[:, :k]
    order = np.argsort(-np.take_along_axis(total, top, 1), axis=1, kind="stable")
    ranked = np.take_along_axis(top, order, 1)
    hits = np.take_along_axis(candidates.hits & (total > 0), ranked, 1)
    return float(metrics.ndcg(hits, candidates.n_relevant, metrics.MAX_RANK).mean())


def _scaled(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    greatest = float(scores.max(initial=0.0))
    return scores / np.float32(greatest) if greatest > 0 else scores
