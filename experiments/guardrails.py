"""Guardrails, values in and values out: is a variation's row failing, or are its shoppers surely worse off."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from experiments.concerns import Concern, Gravity
from experiments.plan import Guardrail, Plan, RowLimits
from experiments.stats import Arm, Inconclusive, Kind, check_guardrail
from experiments.windows import share_level

# The share that is tested for, as a multiple of the limit: what is a little above it takes long to tell, and may.
EXCESSES = (1.25, 1.5, 2.0, 3.0, 5.0, 10.0)
# One list in twenty may be slower than the limit: the limit is one of the 95th percentile.
SLOW_SHARE = 0.05
# Absolute limits of the row that are tested beside the metrics: errors, fallbacks, latency.
N_ROW_LIMITS = 3
# Units of both arms at which guardrails see best: harm is to be found in a ramp's first steps, not at its planned end.
EARLY_UNITS = 2_000
GUARDRAIL = "guardrail"


@dataclass(frozen=True, slots=True)
class GuardedMetric:
    """A guardrail's metric as it was measured: None where it could not be computed."""

    rule: Guardrail
    name: str
    kind: Kind
    is_higher_better: bool
    arms: Mapping[str, Arm]


@dataclass(frozen=True, slots=True)
class RowFigures:
    """How the lists of one variation were served in the window so far; `n_slow` of them took longer than the limit."""

    n: int
    n_errors: int
    n_fallback: int
    n_slow: int
    p95_ms: float | None


def find_guardrail_concerns(
    plan: Plan,
    *,
    control: str,
    metrics: Sequence[GuardedMetric],
    rows: Mapping[str, RowFigures],
    missing: Sequence[str],
    window: int = 0,
) -> list[Concern]:
    """All guardrails that are broken.

    Each is tested at the plan's level divided by their number, one-sided and right at every look; a row's limits at
    the part of it that their window spends. So at most that share of harmless ramps is ever rolled back: of metrics in
    as far as their sums are near to normal, of a row where each list is within its limits with the probability that
    they allow, whatever came before it. What is not yet clear breaks nothing.

    Args:
        plan: the phase's frozen plan.
        control: control's key.
        metrics: the measured guardrails.
        rows: figures of each variation but control in the present window; control has no such row.
        missing: guardrails' metrics that nobody computes.
        window: number of the present window, from 0.
    """
    level = find_level(plan, n_featured=len(rows) or 1)
    concerns = [
        Concern(
            "guardrail_missing",
            Gravity.HOLD,
            f"The guardrail {key!r} is not computed: there is no such metric any more. Bring it back, or start a new "
            "phase without it.",
            {"metric": key},
        )
        for key in missing
    ]
    for variation, row in rows.items():
        concerns += _check_row(variation, row, plan.row_limits, share_level(level, window))
        concerns += [
            concern
            for metric in metrics
            if (concern := _check_metric(metric, variation, control, find_guard_units(plan.planned_units), level))
            is not None
        ]
    return concerns


def find_level(plan: Plan, *, n_featured: int) -> float:
    """The level of each single guardrail: the plan's over their number, a row's limits counted too."""
    return plan.alpha / ((len(plan.guardrails) + N_ROW_LIMITS) * n_featured)


def find_guard_units(planned_units: int) -> int:
    """Units of both arms at which a guardrail's harm is tested best: the `n_planned` of `check_guardrail`, everywhere.

    The controller and the pages must ask for it here, so that no page calls open what the controller rolled back.

    Args:
        planned_units: the plan's, of both compared arms together.
    """
    return max(1, min(planned_units, EARLY_UNITS))


def find_excess_p(n: int, n_hits: int, limit: float) -> float:
    """P-value of "the share is at most the limit", right at every look.

    The mean of likelihood ratios of some higher shares against the limit is, while the share is at most the limit, a
    supermartingale that starts at 1: by Ville's inequality its inverse is an anytime-valid p-value.

    Args:
        n: trials so far.
        n_hits: of which failed.
        limit: 0 to below 1.

    Returns:
        0..1.

    Source:
        Wald 1945, "Sequential tests of statistical hypotheses"; Robbins 1970 (mixtures).
    """
    shares = [min(limit * excess, (1 + limit) / 2) for excess in EXCESSES]
    logs = [
        n_hits * math.log(share / limit) + (n - n_hits) * (math.log1p(-share) - math.log1p(-limit)) for share in shares
    ]
    highest = max(logs)
    log_mean = highest + math.log(math.fsum(math.exp(each - highest) for each in logs) / len(logs))
    return math.exp(min(0.0, -log_mean))


def _check_row(variation: str, row: RowFigures, limits: RowLimits, level: float) -> list[Concern]:
    found = [
        _check_share("row_errors", "failed", variation, row.n, row.n_errors, limits.error_share, level),
        _check_share(
            "row_fallback", "came from a fallback", variation, row.n, row.n_fallback, limits.fallback_share, level
        ),
        _check_latency(variation, row, limits.p95_ms, level),
    ]
    return [concern for concern in found if concern is not None]


def _check_share(
    code: str, verb: str, variation: str, n: int, n_hits: int, limit: float, level: float
) -> Concern | None:
    if not n or n_hits <= limit * n:
        return None
    p = find_excess_p(n, n_hits, limit)
    if p > level:
        return None
    return Concern(
        code,
        Gravity.ROLL_BACK,
        f"Of {n:,} lists of {variation}, {n_hits / n:.1%} {verb}; the limit is {limit:.1%}, p {p:.2g}, level "
        f"{level:.2g}.",
        {"variation": variation, "share": n_hits / n, "limit": limit, "n": n, "p": p},
    )


def _check_latency(variation: str, row: RowFigures, limit_ms: float, level: float) -> Concern | None:
    """A percentile is above the limit where too many lists are: a share again, which can be tested at every look."""
    if row.p95_ms is None or not row.n or row.n_slow <= SLOW_SHARE * row.n:
        return None
    p = find_excess_p(row.n, row.n_slow, SLOW_SHARE)
    if p > level:
        return None
    return Concern(
        "row_latency",
        Gravity.ROLL_BACK,
        f"Of {row.n:,} lists of {variation}, {row.n_slow / row.n:.1%} took more than {limit_ms:.0f} ms and one in "
        f"twenty {row.p95_ms:.0f} ms or more; the limit is {SLOW_SHARE:.0%}, p {p:.2g}, level {level:.2g}.",
        {
            "variation": variation,
            "share": row.n_slow / row.n,
            "p95_ms": row.p95_ms,
            "limit": limit_ms,
            "n": row.n,
            "p": p,
        },
    )


def _check_metric(metric: GuardedMetric, variation: str, control: str, n_planned: int, level: float) -> Concern | None:
    before, after = metric.arms.get(control, Arm()), metric.arms.get(variation, Arm())
    found = check_guardrail(
        kind=metric.kind,
        control=before,
        treatment=after,
        n_planned=n_planned,
        margin=metric.rule.margin,
        is_higher_better=metric.is_higher_better,
        alpha=level,
    )
    if isinstance(found, Inconclusive) or not found.is_harmed:
        return None
    effect = found.effect
    change = (effect.treatment - effect.control) / effect.control if effect.control else math.inf
    allowed = f"{'-' if metric.is_higher_better else '+'}{metric.rule.margin:.1%}"
    return Concern(
        GUARDRAIL,
        Gravity.ROLL_BACK,
        f"{metric.name}: {effect.treatment:.4g} in {variation} against {effect.control:.4g} in control ({change:+.1%}; "
        f"{allowed} is allowed), p {found.p_value:.2g}, level {level:.2g}.",
        {
            "metric": metric.rule.metric,
            "variation": variation,
            "control": effect.control,
            "treatment": effect.treatment,
            "margin": metric.rule.margin,
            "p": found.p_value,
            "level": level,
        },
    )
