"""Looks at a phase: totals brought up to now, summed in one pass, compared, and kept as a snapshot."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from experiments import links, plan, readouts, sums, totals
from experiments.layout import Layout
from experiments.metrics import all_metrics
from experiments.models import Design, Exposure, Phase, Snapshot
from experiments.readouts import Question
from experiments.sources import MetricSource, metric_source
from experiments.stats import Arm, Inconclusive, sign_test
from experiments.sums import Sums
from experiments.thinning import thin
from experiments.windows import find_window

COUNT_MERGED = """
SELECT count(*) FROM experiments_unitlink l
JOIN experiments_exposure e ON e.phase_id = %s AND e.unit = l.from_unit AND NOT e.is_forced
"""
COUNT_DAYS = """
SELECT (t.first_at AT TIME ZONE 'UTC')::date AS day, v.key, count(*)
FROM experiments_unittotals t JOIN experiments_variation v ON v.id = t.variation_id
WHERE t.phase_id = %s AND NOT t.is_crossover GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class ExposureDay:
    """How many units of a variation were exposed for the first time on one day, in UTC."""

    day: date
    variation: str
    n_units: int


def take_snapshot(phase_id: int, now: datetime) -> Snapshot:
    """Look at a phase as it is now. Everything or nothing of it is written, whenever it is interrupted.

    Args:
        phase_id: the phase; looks at one phase wait for each other.
        now: aware; a second look at the same moment answers the first one.

    Raises:
        Phase.DoesNotExist: no such phase.
    """
    return _look(phase_id, now)


def rebuild(phase_id: int, now: datetime) -> Snapshot:
    """The same look with all totals made anew from exposures and facts.

    Raises:
        Phase.DoesNotExist: no such phase.
    """
    return _look(phase_id, now, from_nothing=True)


def finish(phase_id: int, now: datetime, *, complete_until: datetime | None = None) -> Snapshot:
    """The last look at a phase: made anew, marked as final, and kept for ever.

    Args:
        phase_id: The phase's.
        now: The moment of its end.
        complete_until: Up to when facts are complete, for a look that is taken later than that moment; what the source
            says of the moment itself when left out.

    Raises:
        Phase.DoesNotExist: no such phase.
    """
    final = Snapshot.objects.filter(phase_id=phase_id, is_final=True).first()
    return final or _look(phase_id, now, from_nothing=True, is_final=True, complete_until=complete_until)


def latest(phase_id: int) -> Snapshot | None:
    """The final look at a phase if there is one, else the newest."""
    return Snapshot.objects.filter(phase_id=phase_id).order_by("-is_final", "-taken_at").first()


def read_arms(snapshot: Snapshot, metric: str) -> dict[str, Arm]:
    """A metric's moments by variation; {} for a metric that was not summed then."""
    return sums.load(snapshot.sums.get(metric, {}))


def read_covariates(snapshot: Snapshot, metric: str) -> dict[str, Arm]:
    """The same with the covariate as x; {} where the metric has none."""
    return sums.load(snapshot.covariates.get(metric, {}))


def read_triggered(snapshot: Snapshot, metric: str) -> dict[str, Arm]:
    """The same of the units alone for which the variations really differ."""
    return sums.load(snapshot.triggered.get("sums", {}).get(metric, {}))


def read_segments(snapshot: Snapshot, metric: str) -> dict[tuple[str, str], dict[str, Arm]]:
    """The same by attribute and value; {} for a snapshot that is neither the newest nor final."""
    return {
        (each["attribute"], each["value"]): sums.load(each["sums"].get(metric, {})) for each in snapshot.segments or ()
    }


def count_exposures(phase_id: int) -> list[ExposureDay]:
    """First exposures by day and variation, oldest first, as of the last look."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_DAYS, [phase_id])
        return [ExposureDay(*row) for row in cursor.fetchall()]


def _look(
    phase_id: int,
    now: datetime,
    *,
    from_nothing: bool = False,
    is_final: bool = False,
    complete_until: datetime | None = None,
) -> Snapshot:
    phase = Phase.objects.select_related("experiment").get(pk=phase_id)
    source, metrics = metric_source(), tuple(all_metrics().values())
    layout = Layout.of(metrics, facts=(fact.key for fact in source.list_facts()))
    # What a device saw before it signed in may have come after its link.
    links.settle(phase_id)
    with transaction.atomic():
        progress = totals.lock(phase)
        # Whoever held the lock may have looked at the same moment.
        if not from_nothing and (same := Snapshot.objects.filter(phase=phase, taken_at=now).first()):
            return same
        brought = totals.bring_up(progress, source, layout, now=now, from_nothing=from_nothing)
        found = sums.sum_up(brought, source, metrics, now=now)
        known_until = max(brought.complete_until, min(complete_until or brought.complete_until, now))
        snapshot = _write(phase, now, known_until, _describe(phase, found, source, now), is_final=is_final)
        thin(phase_id, now=now)
    return snapshot


def _write(
    phase: Phase, now: datetime, complete_until: datetime, fields: Mapping[str, Any], *, is_final: bool
) -> Snapshot:
    snapshot, _ = Snapshot.objects.update_or_create(
        phase=phase, taken_at=now, defaults={**fields, "watermark_at": complete_until, "is_final": is_final}
    )
    older = Snapshot.objects.filter(phase=phase, is_final=False, segments__isnull=False).exclude(pk=snapshot.pk)
    older.update(segments=None)
    return snapshot


def _describe(phase: Phase, found: Sums, source: MetricSource, now: datetime) -> dict[str, Any]:
    previous = Snapshot.objects.filter(phase=phase, taken_at__lt=now).order_by("-taken_at").first()
    question = _ask(phase, now)
    arms, covariates, triggered = found.read_arms(), found.read_covariates(), found.read_arms(triggered_only=True)
    held = previous.results if previous is not None else {}
    held_triggered = previous.triggered.get("results", {}) if previous is not None else {}
    return {
        "n_units": found.count_units(),
        "n_crossover": found.n_crossover,
        "n_merged": _count_merged(phase.pk),
        "n_forced": Exposure.objects.filter(phase=phase, is_forced=True).count(),
        "sums": {key: sums.store(each) for key, each in arms.items()},
        "covariates": {key: sums.store(each) for key, each in covariates.items()},
        "results": readouts.read_results(found.metrics, arms, covariates, question, held),
        "triggered": {
            "n_units": found.count_units(triggered_only=True),
            "sums": {key: sums.store(each) for key, each in triggered.items()},
            "results": readouts.read_results(found.metrics, triggered, {}, question, held_triggered),
        },
        "segments": [
            {"attribute": name, "value": value, "sums": {key: sums.store(each) for key, each in by_metric.items()}}
            for (name, value), by_metric in found.read_segments().items()
        ],
        "row_health": _read_row_health(phase, source, now),
        "interleaving": _read_preference(phase, found, question.alpha),
    }


def _read_row_health(phase: Phase, source: MetricSource, now: datetime) -> dict[str, dict[str, Any]]:
    """By variation, of the lists since the present window began."""
    since, slow_ms = find_window(phase, now).since, plan.read_plan(phase).row_limits.p95_ms
    return {key: asdict(each) for key, each in source.read_row_health(phase.pk, since, now, slow_ms).items()}


def _ask(phase: Phase, now: datetime) -> Question:
    """What the phase's frozen plan asks; the primary metric alone decides."""
    planned = plan.read_plan(phase)
    control = phase.experiment.variations.filter(is_control=True).values_list("key", flat=True).first()
    return Question(
        control=control or phase.read_weights()[0][0],
        n_planned=planned.planned_units,
        alpha=planned.alpha,
        is_planned_end=planned.planned_end_at is not None and now >= planned.planned_end_at,
        success=(planned.primary_metric,) if planned.primary_metric else (),
    )


def _read_preference(phase: Phase, found: Sums, alpha: float) -> dict[str, Any] | None:
    """Which team's items units click more, in an interleaved list; None in other designs."""
    if phase.experiment.design != Design.INTERLEAVING:
        return None
    wins_a, wins_b, ties = found.count_wins()
    preference = sign_test(wins_a=wins_a, wins_b=wins_b, ties=ties, alpha=alpha)
    told = {"code": preference.code, "reason": preference.reason} if isinstance(preference, Inconclusive) else {}
    answer = told or asdict(preference)
    return {**answer, "n_units": wins_a + wins_b + ties, "wins_a": wins_a, "wins_b": wins_b, "ties": ties}


def _count_merged(phase_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(COUNT_MERGED, [phase_id])
        return int(cursor.fetchone()[0])
