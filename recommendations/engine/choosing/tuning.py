"""Chooses what parts of a blend leave open, such as how fast they forget: which value answers the questions best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from recommendations.engine.answers.ranking import top_k
from recommendations.engine.base import Recommender
from recommendations.engine.evaluation import metrics
from recommendations.engine.evaluation.splits import Case
from recommendations.engine.training import TrainingRun

# What parts may leave open, in the order in which a blend keeps it.
SETTINGS = ("history_decay", "sharpness")
# Enough to tell values apart, which differ by much where they differ; more would cost more than they tell.
MOST_CASES = 400
# A smaller gain is noise and stays with the part's own value.
LEAST_GAIN = 0.01


def choose_settings(
    parts: Mapping[str, Recommender], cases: Sequence[Case], *, k: int, repeats: bool, run: TrainingRun
) -> dict[str, dict[str, float]]:
    """Set what parts leave to choose to what answers best, and return it by the parts' names.

    Args:
        parts: fitted models by name; those that have nothing to choose are passed over.
        cases, k, repeats: see `choose`.
        run: where to report.
    """
    chosen = {}
    for name, part in parts.items():
        if part.choices():
            run.report(1.0, f"blend: choosing the {' and the '.join(part.choices())} of {name}")
            chosen[name] = choose(part, cases, k=k, repeats=repeats)
            for setting, value in chosen[name].items():
                setattr(part, setting, value)
    return chosen


def choose(part: Recommender, cases: Sequence[Case], *, k: int, repeats: bool) -> dict[str, float]:
    """Return each setting's value with the best NDCG@k, one after the other; the part's own unless another gains by 1%.

    Args:
        part: a fitted model; it is as it was afterwards.
        cases: the questions, of which at most 400 are asked, spread evenly.
        k: ranks that count.
        repeats: whether items of the history may be an answer.
    """
    asked = cases[:: max(1, -(-len(cases) // MOST_CASES))]
    own: dict[str, float] = {setting: getattr(part, setting) for setting in part.choices()}
    best = dict(own)
    reached = _quality(part, asked, k=k, repeats=repeats)
    try:
        for setting, values in part.choices().items():
            for value in values:
                if value == own[setting]:
                    continue
                setattr(part, setting, value)
                quality = _quality(part, asked, k=k, repeats=repeats)
                if quality > reached * (1 + LEAST_GAIN):
                    best[setting], reached = value, quality
            setattr(part, setting, best[setting])
    finally:
        for setting, value in own.items():
            setattr(part, setting, value)
    return best


def _quality(part: Recommender, cases: Sequence[Case], *, k: int, repeats: bool) -> float:
    hits = np.zeros((len(cases), k), np.bool_)
    for row, case in enumerate(cases):
        encoded = part.encode(case.history, traits=case.traits)
        allowed = None
        if not repeats:
            allowed = part.allow_all()
            allowed[encoded.items] = False
        best = top_k(part.score_history(encoded), k, allowed)
        hits[row, : len(best)] = np.isin(best, part.indices_of(case.truth))
    return float(metrics.ndcg(hits, np.array([len(case.truth) for case in cases], np.int64), k).mean())
