"""What a phase's sums say of each variation against control: fixed, always-valid, hybrid and adjusted read-outs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from experiments import stats
from experiments.metrics import MetricDefinition
from experiments.stats import Arm, Inconclusive

Arms = Mapping[str, Arm]
Json = dict[str, Any]

# Where a plan says nothing; the always-valid interval is tightest there.
DEFAULT_N_PLANNED = 10_000


@dataclass(frozen=True, slots=True)
class Question:
    """What was fixed at the start: the read-outs depend on it, and on nothing that was seen since.

    Attributes:
        control: the variation that all others are compared with.
        n_planned: units planned in the two compared variations together.
        alpha: significance level over the experiment's life.
        is_planned_end: whether the planned end is reached, so that the fixed test may speak.
        success: metrics that decide; Holm's correction is over them and all variations.
    """

    control: str
    n_planned: int = DEFAULT_N_PLANNED
    alpha: float = 0.05
    is_planned_end: bool = False
    success: tuple[str, ...] = ()


def read_results(
    metrics: Sequence[MetricDefinition],
    arms: Mapping[str, Arms],
    covariates: Mapping[str, Arms],
    question: Question,
    previous: Mapping[str, Mapping[str, Mapping[str, Any]]],
) -> dict[str, dict[str, Json]]:
    """Every metric's read-outs of each variation but control.

    Args:
        metrics: all that were summed.
        arms: by metric and variation.
        covariates: the same with the covariate as x, of the metrics that have one.
        question: what was fixed at the start.
        previous: the last look's answer, for the least p-value so far.
    """
    results: dict[str, dict[str, Json]] = {}
    for metric in metrics:
        adjusted = _adjust(covariates.get(metric.key, {}))
        results[metric.key] = {
            variation: _read(
                metric, arms[metric.key], variation, question, previous.get(metric.key, {}).get(variation, {}), adjusted
            )
            for variation in arms[metric.key]
            if variation != question.control
        }
    _correct(results, question)
    return results


def _read(
    metric: MetricDefinition,
    arms: Arms,
    variation: str,
    question: Question,
    previous: Mapping[str, Any],
    adjusted: Arms | Inconclusive | None,
) -> Json:
    pair: dict[str, Any] = {"kind": metric.kind, "control": arms[question.control], "treatment": arms[variation]}
    looks: dict[str, Any] = {"n_planned": question.n_planned, "alpha": question.alpha}
    min_p = float(previous.get("min_p", 1.0))
    hybrid_min_p = float(previous.get("hybrid_min_p", 1.0))
    sequential = stats.always_valid(**pair, **looks, previous_p=min_p)
    hybrid = stats.read_out(**pair, **looks, is_planned_end=question.is_planned_end, previous_p=hybrid_min_p)
    chance = stats.chance_to_beat(**pair, is_higher_better=metric.higher_is_better)
    return {
        "fixed": asdict(stats.compare(**pair, alpha=question.alpha)),
        "sequential": asdict(sequential),
        "hybrid": asdict(hybrid),
        **_read_adjusted(adjusted, variation, question, previous),
        "min_p": min_p if isinstance(sequential, Inconclusive) else sequential.p_value,
        # The same at the hybrid's own, smaller part of the level.
        "hybrid_min_p": _least(hybrid, hybrid_min_p),
        "hybrid_min_sign": _find_sign(hybrid, hybrid_min_p, previous.get("hybrid_min_sign")),
        "holm_p": None,
        "chance_to_beat": None if isinstance(chance, Inconclusive) else chance.probability,
    }


def _read_adjusted(
    adjusted: Arms | Inconclusive | None, variation: str, question: Question, previous: Mapping[str, Any]
) -> Json:
    """The same questions after the covariate took its part; nothing where the metric has none."""
    min_p = float(previous.get("adjusted_min_p", 1.0))
    if adjusted is None:
        return {"adjusted": None, "adjusted_sequential": None, "adjusted_min_p": min_p}
    if isinstance(adjusted, Inconclusive):
        return {"adjusted": asdict(adjusted), "adjusted_sequential": asdict(adjusted), "adjusted_min_p": min_p}
    pair: dict[str, Any] = {"kind": "mean", "control": adjusted[question.control], "treatment": adjusted[variation]}
    looks: dict[str, Any] = {"n_planned": question.n_planned, "alpha": question.alpha, "previous_p": min_p}
    sequential = stats.always_valid(**pair, **looks)
    return {
        "adjusted": asdict(stats.compare(**pair, alpha=question.alpha)),
        "adjusted_sequential": asdict(sequential),
        "adjusted_min_p": min_p if isinstance(sequential, Inconclusive) else sequential.p_value,
    }


def _adjust(arms: Arms) -> Arms | Inconclusive | None:
    if not arms:
        return None
    found = stats.adjust_with_covariate(arms=list(arms.values()))
    return found if isinstance(found, Inconclusive) else dict(zip(arms, found.arms, strict=True))


def _least(hybrid: stats.ReadOut | Inconclusive, previous_p: float) -> float:
    if isinstance(hybrid, Inconclusive) or isinstance(hybrid.sequential, Inconclusive):
        return previous_p
    return hybrid.sequential.p_value


def _find_sign(hybrid: stats.ReadOut | Inconclusive, previous_p: float, previous_sign: int | None) -> int | None:
    """Which way the estimate pointed at the look that gave the least p-value: 1, -1, or None where nobody noted it."""
    if isinstance(hybrid, Inconclusive) or isinstance(hybrid.sequential, Inconclusive):
        return previous_sign
    if hybrid.sequential.p_value >= previous_p:
        return previous_sign
    return 1 if hybrid.sequential.estimate > 0 else -1


def _correct(results: dict[str, dict[str, Json]], question: Question) -> None:
    """Holm over success metrics and variations, on the hybrid's one p-value; what has none yet counts as 1."""
    asked = [
        results[key][variation] for key in question.success if key in results for variation in sorted(results[key])
    ]
    if not asked:
        return
    corrected = stats.holm(p_values=[each["hybrid"].get("p_value", 1.0) for each in asked], alpha=question.alpha)
    for each, p_value in zip(asked, corrected.p_values, strict=True):
        each["holm_p"] = p_value
