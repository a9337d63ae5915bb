"""PURE readings: from sums to comparisons, corrected for their number, each with the word that the verdict uses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from experiments.report.facts import MetricFacts, Rules
from experiments.report.guards import read_guardrail
from experiments.report.values import Comparison, MetricLine, Range, Shift
from experiments.stats import (
    Adjustment,
    Effect,
    Inconclusive,
    Interval,
    ReadOut,
    RelativeEffect,
    adjust_with_covariate,
    benjamini_hochberg,
    chance_to_beat,
    holm,
    read_out,
    split_alpha,
)
from experiments.verdict import Finding, Role

SEQUENTIAL, FIXED = "sequential", "fixed"
HOLM, BH = "Holm", "Benjamini-Hochberg"
NO_UNITS = "Nobody of it has been counted yet."


@dataclass(frozen=True, slots=True)
class _Reading:
    """A comparison before it is corrected for the others of its role."""

    comparison: Comparison
    p_value: float | None
    is_worse: bool


def read_metrics(
    metrics: Sequence[MetricFacts], *, control: str, variations: Sequence[str], rules: Rules
) -> tuple[MetricLine, ...]:
    """Read every metric.

    Success metrics are corrected by Holm over metrics and variations, exploratory ones by Benjamini and Hochberg;
    guardrails are not corrected, since all of them must hold.

    Args:
        metrics: In the order to show them.
        control: Control's key.
        variations: Keys of the others.
        rules: The phase's.

    Returns:
        A line a metric, in the same order.
    """
    readings = {metric.key: _read_metric(metric, control, variations, rules) for metric in metrics}
    for role, correction in ((Role.SUCCESS, HOLM), (Role.EXPLORATORY, BH), (Role.GUARDRAIL, "")):
        keys = [metric.key for metric in metrics if metric.role is role]
        _correct(readings, keys, correction, rules.alpha)
    return tuple(
        MetricLine(
            key=metric.key,
            name=metric.name,
            description=metric.description,
            role=metric.role.value,
            unit=metric.unit,
            higher_is_better=metric.higher_is_better,
            window_days=metric.window_days,
            comparisons=tuple(reading.comparison for reading in readings[metric.key]),
            guardrails=tuple(
                read_guardrail(metric, control=control, variation=variation, rules=rules) for variation in variations
            )
            if metric.margin is not None
            else (),
        )
        for metric in metrics
    )


def read_shift(effect: Effect) -> Shift:
    """An effect as the report shows it."""
    relative = effect.relative if isinstance(effect.relative, RelativeEffect) else None
    scale = abs(effect.control)
    return Shift(
        estimate=effect.estimate,
        interval=_range(effect.interval),
        level=1 - effect.alpha,
        p_value=effect.p_value,
        relative=relative.estimate if relative else None,
        relative_interval=_range(relative.interval) if relative else None,
        share=effect.estimate / scale if scale else None,
        share_interval=_range(effect.interval, 1 / scale) if scale else None,
    )


def _read_metric(metric: MetricFacts, control: str, variations: Sequence[str], rules: Rules) -> list[_Reading]:
    return [_read_variation(metric, control, variation, rules) for variation in variations]


def _read_variation(metric: MetricFacts, control: str, variation: str, rules: Rules) -> _Reading:
    first, second = metric.arms.get(control), metric.arms.get(variation)
    read_as = FIXED if rules.is_over else SEQUENTIAL
    empty = Comparison(
        variation,
        None,
        None,
        None,
        read_as,
        None,
        "",
        Finding.UNDECIDED.value,
        metric.missing or NO_UNITS,
        None,
        None,
        None,
    )
    if metric.missing or first is None or second is None:
        return _Reading(empty, None, is_worse=False)
    found = read_out(
        kind=metric.kind,
        control=first,
        treatment=second,
        n_planned=max(1, rules.n_planned),
        is_planned_end=rules.is_over,
        alpha=rules.alpha,
        previous_p=metric.previous_p.get(variation, 1.0),
    )
    if isinstance(found, Inconclusive):
        return _Reading(replace(empty, reason=found.reason), None, is_worse=False)
    adjusted, cut = _adjust(metric, control, variation, rules)
    comparison = replace(
        empty,
        control=found.effect.control,
        treatment=found.effect.treatment,
        shift=read_shift(found.effect),
        read_out=FIXED if found.fixed is not None else SEQUENTIAL,
        reason="",
        adjusted=adjusted,
        variance_cut=cut,
        chance_to_beat=_find_chance(metric, control, variation),
        is_disputed=_is_disputed(found, metric, variation, rules.alpha),
    )
    return _Reading(comparison, found.p_value, is_worse=(found.effect.estimate < 0) == metric.higher_is_better)


def _is_disputed(found: ReadOut, metric: MetricFacts, variation: str, alpha: float) -> bool:
    """Whether the always-valid test has rejected "no change" at a look whose estimate pointed the other way.

    The p-value is the least of all looks, so its direction is that look's, not the newest one's.
    """
    if isinstance(found.sequential, Inconclusive) or found.sequential.p_value > split_alpha(alpha)[0]:
        return False
    sign = metric.previous_sign.get(variation)
    has_new_least = found.sequential.p_value < metric.previous_p.get(variation, 1.0)
    return sign is not None and not has_new_least and (found.effect.estimate > 0) != (sign > 0)


def _correct(readings: dict[str, list[_Reading]], keys: Sequence[str], correction: str, alpha: float) -> None:
    """Give each comparison of one role its corrected p-value and its finding."""
    places = [
        (key, place) for key in keys for place, reading in enumerate(readings[key]) if reading.p_value is not None
    ]
    raw = [readings[key][place].p_value or 0.0 for key, place in places]
    corrected = (
        {HOLM: holm, BH: benjamini_hochberg}[correction](p_values=raw, alpha=alpha).p_values if correction else raw
    )
    for (key, place), p_value in zip(places, corrected, strict=True):
        reading = readings[key][place]
        finding = Finding.UNDECIDED
        if p_value <= alpha and not reading.comparison.is_disputed:
            finding = Finding.WORSE if reading.is_worse else Finding.BETTER
        comparison = replace(
            reading.comparison,
            corrected_p=p_value,
            correction=correction if len(raw) > 1 else "",
            finding=finding.value,
        )
        readings[key][place] = replace(reading, comparison=comparison)


def _adjust(metric: MetricFacts, control: str, variation: str, rules: Rules) -> tuple[Shift | None, float | None]:
    """The effect without what each unit's past foretold; nothing where the metric has no covariate."""
    if control not in metric.covariates or variation not in metric.covariates:
        return None, None
    keys = list(metric.covariates)
    adjustment = adjust_with_covariate(arms=[metric.covariates[key] for key in keys])
    if not isinstance(adjustment, Adjustment):
        return None, None
    arms = dict(zip(keys, adjustment.arms, strict=True))
    found: ReadOut | Inconclusive = read_out(
        kind="mean",
        control=arms[control],
        treatment=arms[variation],
        n_planned=max(1, rules.n_planned),
        is_planned_end=rules.is_over,
        alpha=rules.alpha,
    )
    if isinstance(found, Inconclusive):
        return None, adjustment.variance_reduction
    return read_shift(found.effect), adjustment.variance_reduction


def _find_chance(metric: MetricFacts, control: str, variation: str) -> float | None:
    found = chance_to_beat(
        kind=metric.kind,
        control=metric.arms[control],
        treatment=metric.arms[variation],
        is_higher_better=metric.higher_is_better,
    )
    return None if isinstance(found, Inconclusive) else found.probability


def _range(interval: Interval, scale: float = 1.0) -> Range:
    return Range(
        None if interval.low is None else interval.low * scale, None if interval.high is None else interval.high * scale
    )


def find_metric_line(metrics: Sequence[MetricLine], key: str) -> MetricLine | None:
    """The metric of this key, or None."""
    return next((metric for metric in metrics if metric.key == key), None)


def name_of(variations: Mapping[str, str], key: str) -> str:
    """A variation's name, or its key where it is gone."""
    return variations.get(key, key)
