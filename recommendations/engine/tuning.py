"""Chooses how fast a part of a blend forgets: which history decay answers the questions best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from recommendations.engine import metrics
from recommendations.engine.base import Recommender
from recommendations.engine.ranking import top_k
from recommendations.engine.splits import Case
from recommendations.engine.training import TrainingRun

# Enough to tell decays apart, which differ by much where they differ; more would cost more than they tell.
MOST_CASES = 400
# A smaller gain is noise and stays with the part's own decay.
LEAST_GAIN = 0.01


def choose_decays(
    parts: Mapping[str, Recommender], cases: Sequence[Case], *, k: int, repeats: bool, run: TrainingRun
) -> dict[str, float]:
    """Set how fast each part forgets to what answers best, and return it by the part's name.

    Args:
        parts: fitted models by name; those that have no decay to choose are passed over.
        cases, k, repeats: see `choose_decay`.
        run: where to report.
    """
    chosen = {}
    for name, part in parts.items():
        run.report(1.0, f"blend: choosing how fast {name} forgets")
        decay = choose_decay(part, cases, k=k, repeats=repeats)
        if decay is not None:
            chosen[name] = part.history_decay = decay
    return chosen


def choose_decay(part: Recommender, cases: Sequence[Case], *, k: int, repeats: bool) -> float | None:
    """Return the decay of those a part may take with the best NDCG@k, its own unless another gains by 1%.

    Args:
        part: a fitted model; it is as it was afterwards.
        cases: the questions, of which at most 400 are asked, spread evenly.
        k: ranks that count.
        repeats: whether items of the history may be an answer.

    Returns:
        The decay; None for a part that has none to choose.
    """
    if not part.decays:
        return None
    asked = cases[:: max(1, -(-len(cases) // MOST_CASES))]
    own = best = part.history_decay
    reached = _quality(part, asked, k=k, repeats=repeats)
    try:
        for decay in part.decays:
            if decay == own:
                continue
            part.history_decay = decay
            quality = _quality(part, asked, k=k, repeats=repeats)
            if quality > reached * (1 + LEAST_GAIN):
                best, reached = decay, quality
    finally:
        part.history_decay = own
    return best


def _quality(part: Recommender, cases: Sequence[Case], *, k: int, repeats: bool) -> float:
    hits = np.zeros((len(cases), k), np.bool_)
    for row, case in enumerate(cases):
        encoded = part.encode(case.history)
        allowed = None
        if not repeats:
            allowed = part.allow_all()
            allowed[encoded.items] = False
        best = top_k(part.score_history(encoded), k, allowed)
        hits[row, : len(best)] = np.isin(best, part.indices_of(case.truth))
    return float(metrics.ndcg(hits, np.array([len(case.truth) for case in cases], np.int64), k).mean())
