"""The gates on data: few refused rows, and about as many interactions as in the days before."""

from dataclasses import replace
from datetime import timedelta

import pytest

from recommendations import conf
from recommendations.events.store import store
from recommendations.models import Interaction, RetrainRun, Rotation
from recommendations.pipeline.etl.earlier import median_rows
from recommendations.pipeline.etl.report import DataReport, DatasetCounts, data_report
from recommendations.pipeline.gates.bounds import GateBounds
from recommendations.pipeline.gates.data import check_row_count, check_schema_errors
from recommendations.pipeline.gates.results import Verdict, gate_results
from recommendations.pipeline.states import RetrainStatus
from tests.factories.retraining import advance_to, make_interaction, make_past, retrain


def report_of(n_exported: int, refused: dict[str, int] | None = None) -> DataReport:
    counts = DatasetCounts(n_exported, n_exported, {}, refused or {}, 0)
    return DataReport(1.0, "", "", None, None, (), {"INTERACTIONS": counts}, {}, 0, 0, 0, {}, (), {})


@pytest.mark.parametrize(("n_refused", "verdict"), [(0, Verdict.PASSED), (10, Verdict.PASSED), (11, Verdict.FAILED)])
def test_check_schema_errors_allows_one_in_a_hundred(n_refused: int, verdict: Verdict) -> None:
    report = report_of(1_000 - n_refused, {"TIMESTAMP is no long": n_refused} if n_refused else {})

    result = check_schema_errors(report, GateBounds())

    assert result.verdict is verdict
    assert (not n_refused) or "most often: TIMESTAMP is no long" in result.note


@pytest.mark.parametrize(
    ("n_rows", "verdict"),
    [
        (1_000, Verdict.PASSED),
        (700, Verdict.PASSED),
        (1_300, Verdict.PASSED),
        (699, Verdict.FAILED),
        (1_301, Verdict.FAILED),
    ],
)
def test_check_row_count_allows_thirty_in_a_hundred(n_rows: int, verdict: Verdict) -> None:
    assert check_row_count(report_of(n_rows), 1_000, GateBounds()).verdict is verdict


def test_check_row_count_without_earlier_runs_is_not_judged() -> None:
    assert check_row_count(report_of(5), None, GateBounds()).verdict is Verdict.NOT_JUDGED


@pytest.mark.django_db
@pytest.mark.usefixtures("calm_world")
def test_run_with_too_few_rows_stops_before_training_and_says_why() -> None:
    make_past()
    for _ in range(3):
        retrain()
    doomed = Interaction.objects.filter(shopper_key__startswith="odd")
    doomed.delete()

    run = advance_to(RetrainStatus.FAILED)

    assert run.failure_step == RetrainStatus.EXPORT
    assert "Gate row_count: 600 interactions are -50% against the 7-day median of 1,200" in run.failure_reason
    assert "--waive row_count" in run.failure_fix
    report = data_report(run.report)
    assert report is not None
    assert report.datasets["INTERACTIONS"].n_exported == 600
    assert gate_results(run.report)[1].figure == -0.5


@pytest.mark.django_db
@pytest.mark.usefixtures("calm_world")
def test_run_with_refused_rows_stops_before_training() -> None:
    skus, _ = make_past()
    store([replace(make_interaction("ann", sku, days_ago=2), event_value=float("inf")) for sku in skus])

    run = advance_to(RetrainStatus.FAILED)

    assert run.failure_step == RetrainStatus.EXPORT
    assert "Gate schema_errors: 1.32% of the rows of INTERACTIONS" in run.failure_reason
    assert "EVENT_VALUE is not a finite number" in run.failure_reason


@pytest.mark.django_db
@pytest.mark.usefixtures("calm_world")
def test_median_rows_leaves_out_what_cannot_be_compared() -> None:
    make_past()
    runs = [retrain() for _ in range(4)]
    last, report = runs[-1], data_report(runs[-1].report)
    assert report is not None

    assert median_rows(last, report) == 1_200
    assert median_rows(runs[-2], report) is None
    assert median_rows(last, replace(report, window_days=30.0)) is None
    assert median_rows(last, replace(report, wanted_types=("bid",))) is None
    RetrainRun.objects.filter(pk=runs[0].pk).update(created_at=conf.now() - timedelta(days=8))
    assert median_rows(last, report) is None
    RetrainRun.objects.filter(pk=runs[0].pk).update(created_at=conf.now(), failure_step=RetrainStatus.EXPORT)
    assert median_rows(last, report) is None


@pytest.mark.django_db
@pytest.mark.usefixtures("calm_world")
def test_run_reports_drift_against_the_run_before() -> None:
    skus, _ = make_past()
    first = retrain()
    store([make_interaction(f"even-{n}", sku, days_ago=2, event_type="bid") for n in range(20) for sku in skus[:12]])

    second = retrain()

    report = data_report(second.report)
    assert report is not None
    drift = {each.feature: each for each in report.drift}
    assert drift["event types"].verdict == "strong"
    assert drift["categories"].verdict == "stable"
    assert {each.against_run for each in report.drift} == {first.pk}


@pytest.mark.django_db
@pytest.mark.usefixtures("calm_world")
def test_rotation_may_set_its_own_window() -> None:
    make_past()
    advance_to(RetrainStatus.PROVISION)
    Rotation.objects.update(window_days=40)

    run = advance_to(RetrainStatus.IMPORT)

    report = data_report(run.report)
    assert report is not None
    assert report.window_days == 40
