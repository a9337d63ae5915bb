"""A metric's baseline and the curve of distinct units, measured today through the project's facts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction

from experiments import conf
from experiments.metrics import MetricDefinition
from experiments.planner.sizing import PlanError
from experiments.planner.values import Baseline
from experiments.sources import Wanted, metric_source
from experiments.stats import Arm, Inconclusive, linearise

MEASURED_DAYS = 28
LEAST_UNITS = 100
TIMEOUT_MS = 20_000
# Facts of no phase: what a phase alone shows is not among them.
NO_PHASE = 0
NO_FACT = -1
MOMENTS = ("n", "mean_y", "centred_yy", "mean_x", "centred_xx", "centred_xy")

# A unit comes with its first occurrence of a traffic fact; its outcome counts from there on, for the window's days.
MEASURE = """
WITH facts AS MATERIALIZED ({facts}),
first AS (SELECT unit, min(at) AS first_at FROM facts WHERE fact < %s AND unit <> '' GROUP BY unit),
totals AS (
    SELECT first.unit, first.first_at,
           COALESCE(sum(facts.value) FILTER (WHERE facts.fact = %s), 0)::float8 AS y,
           COALESCE(sum(facts.value) FILTER (WHERE facts.fact = %s), 0)::float8 AS x
    FROM first LEFT JOIN facts ON facts.unit = first.unit
        AND facts.at >= first.first_at AND facts.at < first.first_at + make_interval(days => %s)
    GROUP BY first.unit, first.first_at
),
outcomes AS (
    SELECT first_at, first_at <= %s AS is_complete, {outcome} AS y, x FROM totals
)
SELECT floor(extract(epoch FROM first_at - %s) / 86400)::int AS day, count(*),
       count(*) FILTER (WHERE is_complete), COALESCE(avg(y) FILTER (WHERE is_complete), 0),
       COALESCE(regr_syy(y, x) FILTER (WHERE is_complete), 0), COALESCE(avg(x) FILTER (WHERE is_complete), 0),
       COALESCE(regr_sxx(y, x) FILTER (WHERE is_complete), 0), COALESCE(regr_sxy(y, x) FILTER (WHERE is_complete), 0)
FROM outcomes GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class _Measured:
    """Units that came on each day, and the sums of those whose window is over."""

    by_day: dict[int, int]
    arm: Arm


def measure_baseline(metric: MetricDefinition, *, now: datetime | None = None, days: int = MEASURED_DAYS) -> Baseline:
    """Measure a metric over the last days, as if an experiment had begun with them.

    Args:
        metric: Which.
        now: The present; the project's clock where None.
        days: How far back, at least 2. The window of a unit is at most half of it, so that half of the units count.

    Returns:
        Its value and variance per unit, and how many distinct units had come by the end of each day.

    Raises:
        PlanError: Too few units, no variance, or a measurement that takes too long.
    """
    until = now or conf.now()
    since = until - timedelta(days=days)
    window = max(1, min(metric.window_days, days // 2))
    found = _measure(metric, since, until, window)
    if found.arm.n < LEAST_UNITS:
        raise PlanError(
            f"Only {found.arm.n} shoppers could be followed for {window} days in the last {days}; {LEAST_UNITS} are "
            "needed. Give the baseline by hand."
        )
    value, variance = _read(metric, found.arm)
    return Baseline(
        metric=metric.name,
        kind=metric.kind,
        value=value,
        variance=variance,
        n_units=found.arm.n,
        cumulative_units=_accumulate(found.by_day, days),
        unit=metric.measured,
        since=since,
        until=until,
        window_days=window,
    )


def _measure(metric: MetricDefinition, since: datetime, until: datetime, window: int) -> _Measured:
    source = metric_source()
    known = {fact.key for fact in source.list_facts()}
    traffic = [fact for fact in conf.traffic_facts() if fact in known] or [metric.denominator or metric.numerator]
    facts = (*traffic, metric.numerator, *([metric.denominator] if metric.denominator else []))
    selected = source.select_facts(Wanted(NO_PHASE, facts, since, until))
    outcome, caps = "y", tuple[float, ...]()
    if metric.kind == "proportion":
        outcome = "(y > 0)::int::float8"
    elif metric.cap is not None:
        outcome, caps = "LEAST(y, %s::float8)", (metric.cap,)
    denominator = len(traffic) + 1 if metric.denominator else NO_FACT
    complete_until = until - timedelta(days=window)
    rows = _run(
        MEASURE.format(facts=selected.text, outcome=outcome),
        (*selected.params, len(traffic), len(traffic), denominator, window, complete_until, *caps, since),
    )
    arms = [Arm.from_moments(**dict(zip(MOMENTS, row[2:], strict=True))) for row in rows if row[2]]
    return _Measured({row[0]: row[1] for row in rows}, sum(arms, Arm()))


def _run(query: str, params: tuple[Any, ...]) -> list[Any]:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {TIMEOUT_MS}")
            cursor.execute(query, params)
            return list(cursor.fetchall())
    except OperationalError as error:
        raise PlanError(f"Measuring took longer than {TIMEOUT_MS // 1000} s. Give the baseline by hand.") from error


def _read(metric: MetricDefinition, arm: Arm) -> tuple[float, float | None]:
    if metric.kind == "proportion":
        return arm.mean_y, None
    if metric.kind == "mean":
        return arm.mean_y, arm.variance_y
    linear = linearise(arm)
    if isinstance(linear, Inconclusive):
        raise PlanError(f"{metric.name} cannot be measured yet: {linear.reason} Or give the baseline by hand.")
    return linear.mean_y, linear.variance_y


def _accumulate(by_day: dict[int, int], days: int) -> tuple[int, ...]:
    reached, curve = 0, []
    for day in range(days):
        reached += by_day.get(day, 0)
        curve.append(reached)
    return tuple(curve)
