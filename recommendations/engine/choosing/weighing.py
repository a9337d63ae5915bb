"""Chooses a blend's weights: which mixture ranks the answers to its questions best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.answers.mixing import LEAST_SHARE
from recommendations.engine.answers.ranking import top_k
from recommendations.engine.base import Recommender
from recommendations.engine.evaluation.splits import Case
from recommendations.engine.training import TrainingRun

# Wide enough that an item which no part has among its first 100 cannot reach the blend's first 25 by much.
CANDIDATES_PER_PART = 100
GRID = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0)
GRID_AGAINST = (-1.5, -1.0, -0.75, -0.5, -0.3, -0.2, -0.1)
SWEEPS = 3
# A smaller gain is within the noise of a few hundred cases and stays with the default.
LEAST_GAIN = 0.002


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """The items that matter in each case that a part can answer, with every part's scaled score of them.

    Attributes:
        parts: the parts' names, length n_parts.
        grids: the weights to try for each part, length n_parts.
        scores: shape (n_parts, n_answerable, n_candidates), 0..1; rows are padded with 0.
        hits: row and column of each candidate that is in its case's truth, shape (2, n_hits), rows ascending.
        ideal: the greatest discounted gain that each answerable case could have, shape (n_answerable,).
        n_cases: all cases, those without an answer among the candidates too.
        k: ranks that count.
    """

    parts: tuple[str, ...]
    grids: tuple[tuple[float, ...], ...]
    scores: NDArray[np.float32]
    hits: NDArray[np.intp]
    ideal: NDArray[np.float64]
    n_cases: int
    k: int


def collect_candidates(
    parts: Mapping[str, Recommender], cases: Sequence[Case], run: TrainingRun, *, k: int, repeats: bool = True
) -> Candidates:
    """Ask every part every question once.

    Args:
        parts: fitted models of one catalogue.
        cases: the questions.
        run: where to report.
        k: ranks that count.
        repeats: whether items of the history may be an answer.
    """
    models = list(parts.values())
    answered: list[NDArray[np.float32]] = []
    columns: list[NDArray[np.intp]] = []
    sizes: list[int] = []
    for number, case in enumerate(cases):
        if number % 50 == 0:
            run.report(number / len(cases), f"blend: asked {number} of {len(cases)} validation cases")
        encoded = models[0].encode(case.history, traits=case.traits)
        allowed = None
        if not repeats:
            allowed = models[0].allow_all()
            allowed[encoded.items] = False
        dense = [model.score_history(encoded) for model in models]
        items = np.unique(np.concatenate([top_k(scores, CANDIDATES_PER_PART, allowed) for scores in dense]))
        hits = np.flatnonzero(np.isin(items, models[0].indices_of(case.truth)))
        if len(hits):
            answered.append(np.stack([_scaled(scores, items) for scores in dense]))
            columns.append(hits)
            sizes.append(len(case.truth))
    rows = np.repeat(np.arange(len(columns)), [len(hits) for hits in columns])
    flat = np.concatenate(columns) if columns else np.empty(0, np.intp)
    grids = tuple((*GRID_AGAINST, *GRID) if model.may_count_against else GRID for model in models)
    ideal = np.cumsum(1.0 / np.log2(1.0 + np.arange(1, k + 1)))[np.minimum(np.array(sizes, np.intp), k) - 1]
    padded = _pad(answered, len(models))
    return Candidates(tuple(parts), grids, padded, np.stack([rows, flat]), ideal, len(cases), k)


def choose_weights(candidates: Candidates, default: Mapping[str, float]) -> dict[str, float]:
    """Return the weights with the best NDCG@k, found one part at a time from the default and from the best part alone.

    Args:
        candidates: the parts' answers.
        default: where the search starts, and where it stays unless a change gains something.
    """
    n_parts = len(candidates.parts)
    start = np.array([default.get(name, 0.0) for name in candidates.parts])
    weights, best = _climb(candidates, start)
    alone = np.eye(n_parts)[int(np.argmax([quality(candidates, row) for row in np.eye(n_parts)]))]
    other, reached = _climb(candidates, alone)
    if reached > best * (1 + LEAST_GAIN):
        weights = other
    return dict(zip(candidates.parts, weights.round(3).tolist(), strict=True))


def quality(candidates: Candidates, weights: NDArray[np.float64]) -> float:
    """Return the mean NDCG@k of a mixture; `weights` has the shape (n_parts,)."""
    shape = candidates.scores.shape[1:]
    for_it, against = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    for scores, weight in zip(candidates.scores, weights.tolist(), strict=True):
        if weight:
            total = for_it if weight > 0 else against
            total += scores * np.float32(weight)
    return _mean_gain(candidates, for_it, against)


def _climb(candidates: Candidates, start: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Return the weights that the search reaches from a start, and their quality."""
    weights, best = start, quality(candidates, start)
    for _ in range(SWEEPS):
        before = best
        for part in range(len(weights)):
            rest = weights.copy()
            rest[part] = 0.0
            for value in candidates.grids[part]:
                trial = rest.copy()
                trial[part] = value
                if trial.max() <= 0 or value == weights[part]:
                    continue
                reached = quality(candidates, trial)
                if reached > best + LEAST_GAIN * max(best, 1e-6):
                    weights, best = trial, reached
        if best == before:
            break
    return weights, best


def _mean_gain(candidates: Candidates, for_it: NDArray[np.float32], against: NDArray[np.float32]) -> float:
    total = np.maximum(for_it + against, for_it * LEAST_SHARE)
    rows, columns = candidates.hits
    reached = total[rows, columns]
    of_hits = total if len(rows) == len(total) else total[rows]
    rank = 1 + np.count_nonzero(of_hits > reached[:, None], axis=1)
    gain = np.where((rank <= candidates.k) & (reached > 0), 1.0 / np.log2(1.0 + rank), 0.0)
    return float((gain / candidates.ideal[rows]).sum() / max(1, candidates.n_cases))


def _scaled(scores: NDArray[np.float32], items: NDArray[np.intp]) -> NDArray[np.float32]:
    greatest = float(scores.max(initial=0.0))
    return scores[items] / np.float32(greatest) if greatest > 0 else scores[items]


def _pad(answered: list[NDArray[np.float32]], n_parts: int) -> NDArray[np.float32]:
    width = max((block.shape[1] for block in answered), default=0)
    padded = np.zeros((n_parts, len(answered), width), np.float32)
    for row, block in enumerate(answered):
        padded[:, row, : block.shape[1]] = block
    return padded
