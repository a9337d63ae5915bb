"""What earlier runs' data were: the median number of rows of the last days, and the drift since the run before."""

from dataclasses import replace
from datetime import timedelta
from statistics import median

from django.db.models import QuerySet

from recommendations.models import RetrainRun
from recommendations.pipeline.etl.drift import measure_drift
from recommendations.pipeline.etl.report import DataReport, data_report
from recommendations.pipeline.states import RetrainStatus
from recommendations.ports import DatasetType

MEDIAN_OVER = timedelta(days=7)
# A median of fewer runs says little.
MIN_RUNS = 3


def median_rows(run: RetrainRun, report: DataReport) -> float | None:
    """Return the median of interactions exported by the rotation's runs of the last seven days.

    Runs with another window or other event types count for nothing: an admin who changes those means to change the
    number. Nor do runs whose data were stopped: a broken feed must not become the measure of itself.

    Args:
        run: the run whose data are `report`.
        report: what it has exported.

    Returns:
        The median, or None where fewer than three runs can be compared.
    """
    counts = [
        each.datasets[DatasetType.INTERACTIONS].n_exported
        for each in _reports(run)
        if round(each.window_days) == round(report.window_days) and set(each.wanted_types) == set(report.wanted_types)
    ]
    return median(counts) if len(counts) >= MIN_RUNS else None


def with_drift(run: RetrainRun, report: DataReport) -> DataReport:
    """Return the report with its drift against the newest earlier run of the rotation that has one."""
    for earlier in _earlier(run).order_by("-pk")[:10]:
        before = data_report(earlier.report)
        if before is not None:
            return replace(
                report,
                drift=(
                    measure_drift("event types", before.event_types, report.event_types, against_run=earlier.pk),
                    measure_drift("categories", before.categories, report.categories, against_run=earlier.pk),
                ),
            )
    return report


def _earlier(run: RetrainRun) -> QuerySet[RetrainRun]:
    return RetrainRun.objects.filter(rotation=run.rotation_id, pk__lt=run.pk)


def _reports(run: RetrainRun) -> list[DataReport]:
    since = run.created_at - MEDIAN_OVER
    found = (
        data_report(earlier.report)
        for earlier in _earlier(run).filter(created_at__gte=since).exclude(failure_step=RetrainStatus.EXPORT)
    )
    return [report for report in found if report is not None]
