import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from experiments import endings, ramp
from experiments.changes import Change
from experiments.conf import now
from experiments.exceptions import UnknownExperiment
from experiments.looks import look_back
from experiments.models import Allocation, Design, Experiment, Snapshot, Status
from experiments.report.build import UnknownPhase, build_report
from experiments.report.jsonable import dump, to_json
from experiments.report.values import Report
from tests.experiments.conftest import KEY
from tests.experiments.report.conftest import BETTER, SAME, WORSE, redesign
from tests.factories.experiments import plan_experiment
from tests.factories.snapshots import Outcome, Past, live, look

BIG = Past(days=28, per_day=1500, planned_days=28)


def outcome_of(report: Report) -> str:
    assert report.decision is not None, report.notice
    return report.decision.outcome


@pytest.mark.parametrize(
    ("past", "outcome"),
    [
        (replace(BIG, outcomes=BETTER), "ship"),
        (replace(BIG, outcomes=SAME), "do not ship"),
        (replace(BIG, outcomes=WORSE), "do not ship"),
        (Past(outcomes=SAME, days=14), "keep running"),
        (replace(BIG, outcomes=BETTER, split={"treatment": 0.9}), "invalid"),
        (replace(BIG, outcomes=BETTER, n_crossover=2000), "invalid"),
    ],
)
def test_report_decides_by_the_rule(planned: Experiment, past: Past, outcome: str) -> None:
    live(planned, past)

    report = build_report(KEY)

    assert outcome_of(report) == outcome


def test_report_shows_the_absolute_effect_and_the_relative_one(planned: Experiment) -> None:
    live(planned, replace(BIG, outcomes=BETTER))

    report = build_report(KEY)

    (primary,) = report.of_role("success")
    (comparison,) = primary.comparisons
    assert comparison.shift is not None
    assert comparison.control == pytest.approx(0.05)
    assert comparison.treatment == pytest.approx(0.0625)
    assert comparison.shift.estimate == pytest.approx(0.0125)
    assert comparison.shift.relative == pytest.approx(0.25)
    assert comparison.shift.share == pytest.approx(0.25)
    assert comparison.read_out == "fixed"
    assert comparison.shift.level == pytest.approx(0.96)
    assert comparison.chance_to_beat == pytest.approx(1.0, abs=1e-6)


def test_report_reads_before_the_end_by_the_sequential_part_alone(planned: Experiment) -> None:
    live(planned, Past(outcomes=BETTER, days=10, per_day=300))

    report = build_report(KEY)

    (comparison,) = report.of_role("success")[0].comparisons
    assert comparison.read_out == "sequential"
    assert comparison.shift is not None
    assert comparison.shift.level == pytest.approx(0.99)
    assert outcome_of(report) == "keep running"


@pytest.mark.parametrize(("lost", "is_mismatch"), [(0.0, False), (0.1, True)])
def test_report_checks_the_split_under_thompson_sampling_too(
    planned: Experiment, lost: float, *, is_mismatch: bool
) -> None:
    planned.allocation = Allocation.THOMPSON
    planned.save(update_fields=["allocation"])
    live(planned, replace(BIG, outcomes=BETTER, split={"treatment": 1 - lost}))

    report = build_report(KEY)

    assert report.question.allocation == Allocation.THOMPSON
    assert report.sample_ratio is not None
    assert report.sample_ratio.is_mismatch is is_mismatch
    assert (outcome_of(report) == "invalid") is is_mismatch


def test_report_compares_nobody_whose_variations_differ_more_often_in_one_of_them(planned: Experiment) -> None:
    live(planned, replace(BIG, outcomes=BETTER, triggered={"treatment": 0.6}))

    report = build_report(KEY)

    assert outcome_of(report) == "ship"
    assert report.triggered is not None
    assert report.triggered.metrics == ()
    assert report.triggered.sample_ratio.is_mismatch
    assert "so these shoppers are not compared. The split differs" in report.triggered.sample_ratio.sentence


def test_report_puts_guardrails_to_their_margin(planned: Experiment) -> None:
    slow = {"control": Outcome(), "treatment": Outcome(conversion=0.0625, latency_ms=100)}
    live(planned, replace(BIG, outcomes=slow))

    report = build_report(KEY)

    states = {metric.key: metric.guardrails[0].state for metric in report.of_role("guardrail")}
    assert states == {"orders": "safe", "latency": "harmed"}
    assert report.decision is not None
    assert report.decision.reason == "Page latency deteriorates, though Conversion improves."


def test_report_calls_a_guardrail_harmed_exactly_where_the_controller_rolls_back(planned: Experiment) -> None:
    found = []
    for treatment_ms in (93, 100, 104, 108, 112, 116, 125):
        slow = {"control": Outcome(), "treatment": Outcome(latency_ms=treatment_ms)}
        phase = live(planned, Past(days=1, per_day=400, outcomes=slow, is_final=True))
        concerns = look_back(phase, now()).concerns
        is_rolled_back = any(concern.facts.get("metric") == "latency" for concern in concerns)
        (state,) = next(line for line in build_report(KEY).metrics if line.key == "latency").guardrails
        found.append((is_rolled_back, state.state == "harmed"))

    assert {both[0] for both in found} == {True, False}
    assert all(is_rolled_back == is_harmed for is_rolled_back, is_harmed in found), found


@pytest.mark.parametrize(("planned_days", "outcome"), [(56, "keep running"), (28, "do not ship")])
def test_report_believes_no_look_that_the_newest_one_contradicts(
    planned: Experiment, planned_days: int, outcome: str
) -> None:
    rising = replace(BIG, days=14, outcomes=BETTER, planned_days=planned_days)
    phase = live(planned, rising, until=now() - timedelta(days=14))
    early = build_report(KEY)
    fallen = replace(rising, days=28, outcomes={"control": Outcome(), "treatment": Outcome(conversion=0.049)})
    for day in range(15, 29):
        look(phase, fallen, day, phase.started_at + timedelta(days=day, minutes=1))

    report = build_report(KEY)

    assert early.of_role("success")[0].comparisons[0].finding == "better"
    (comparison,) = report.of_role("success")[0].comparisons
    assert comparison.corrected_p is not None
    assert comparison.corrected_p < 0.01
    assert (comparison.finding, comparison.is_disputed) == ("undecided", True)
    assert outcome_of(report) == outcome
    assert any("An earlier look decided Conversion, " in caution for caution in report.cautions)


def test_report_lets_explored_metrics_fall_and_says_so(planned: Experiment) -> None:
    shifted = {"control": Outcome(), "treatment": Outcome(conversion=0.0625, popular_ctr=0.03)}
    live(planned, replace(BIG, outcomes=shifted))

    report = build_report(KEY)

    assert outcome_of(report) == "ship"
    assert "Among the explored metrics, Most Popular got worse; they do not decide." in report.cautions


def test_report_holds_every_part(planned: Experiment) -> None:
    live(planned, replace(BIG, outcomes=BETTER))

    report = build_report(KEY)

    assert report.n_units == 2 * 28 * 1500
    assert len(report.exposures) == 29
    assert report.exposures[0].n_units == {"control": 0, "treatment": 0}
    assert report.history[-1].effect == pytest.approx(0.25)
    assert {line.row for line in report.funnel} == {"Recommended For You", "Most Popular"}
    assert {(line.attribute, line.value) for line in report.segments} == {
        ("device", "desktop"),
        ("device", "phone"),
        ("history", "new"),
    }
    assert report.triggered is not None
    assert report.triggered.share == pytest.approx(0.7)
    assert report.triggered.metrics[0].comparisons[0].finding == "better"
    assert not report.triggered.sample_ratio.is_mismatch
    assert report.sample_ratio is not None
    assert not report.sample_ratio.is_mismatch
    revenue = next(metric for metric in report.metrics if metric.key == "revenue")
    assert revenue.comparisons[0].adjusted is not None
    assert revenue.comparisons[0].variance_cut == pytest.approx(0.25, abs=0.001)
    assert report.phase is not None
    assert report.phase.days_left == 0


def test_report_says_that_cuped_decides_nothing(planned: Experiment) -> None:
    live(plan_experiment(planned, primary_metric="revenue"), replace(BIG, outcomes=BETTER))
    adjusted = build_report(KEY)
    Snapshot.objects.update(covariates={})

    plain = build_report(KEY)

    told = "CUPED's estimates, freed of what the past foretold, are shown; the unadjusted test decides."
    assert (told in adjusted.method, told in plain.method) == (True, False)
    first, second = (report.of_role("success")[0].comparisons[0] for report in (adjusted, plain))
    assert first.adjusted is not None
    assert first.shift is not None
    assert first.adjusted.p_value < first.shift.p_value
    assert (first.corrected_p, first.finding) == (second.corrected_p, second.finding)


def test_report_reads_snapshots_and_no_unit_in_few_queries(
    planned: Experiment, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    live(planned, replace(BIG, outcomes=BETTER))

    with django_assert_max_num_queries(9) as asked:
        build_report(KEY)

    tables = " ".join(query["sql"] for query in asked.captured_queries)
    assert "experiments_exposure" not in tables
    assert "experiments_unittotals" not in tables


def test_report_keeps_phases_apart(planned: Experiment) -> None:
    live(planned, replace(BIG, outcomes=WORSE, is_final=True), until=now() - timedelta(days=60))
    live(planned, replace(BIG, outcomes=BETTER))

    first, newest = build_report(KEY, phase_number=1), build_report(KEY)

    assert newest.phase is not None
    assert newest.phase.number == 2
    assert (outcome_of(first), outcome_of(newest)) == ("do not ship", "ship")
    assert newest.phases == (1, 2)
    assert first.n_units == newest.n_units


def test_report_of_an_a_a_expects_nothing(planned: Experiment) -> None:
    live(redesign(planned, Design.AA), replace(BIG, outcomes=SAME))

    assert outcome_of(build_report(KEY)) == "no difference"


def test_report_of_an_a_a_that_differs_is_invalid(planned: Experiment) -> None:
    live(redesign(planned, Design.AA), replace(BIG, outcomes=BETTER))

    assert outcome_of(build_report(KEY)) == "invalid"


def test_report_of_an_a_a_that_saw_nothing_of_its_metric_is_invalid(planned: Experiment) -> None:
    unmeasured = {"control": Outcome(conversion=0.0), "treatment": Outcome(conversion=0.0)}
    live(redesign(planned, Design.AA), replace(BIG, outcomes=unmeasured))

    report = build_report(KEY)

    assert outcome_of(report) == "invalid"
    assert report.decision is not None
    assert "Nothing was compared: Conversion of " in report.decision.reason


@pytest.mark.parametrize(
    ("wins", "title"),
    [((400, 600, 200), "preferred"), ((600, 400, 200), "not preferred"), ((500, 505, 0), "no preference")],
)
def test_report_of_interleaving_is_a_preference(planned: Experiment, wins: tuple[int, int, int], title: str) -> None:
    live(redesign(planned, Design.INTERLEAVING), replace(BIG, interleaving=wins))

    report = build_report(KEY)

    assert outcome_of(report) == title
    assert report.preference is not None
    assert report.preference.n_units == sum(wins)
    assert (report.preference.wins_first, report.preference.wins_second) == wins[:2]


def test_report_of_a_stopped_phase_does_not_keep_running(planned: Experiment) -> None:
    live(planned, Past(outcomes=SAME, days=5, is_final=True))

    report = build_report(KEY)

    assert outcome_of(report) == "do not ship"
    assert "Less than a whole week is covered: weekdays and weekends may differ." in report.cautions


def test_report_of_a_draft_says_that_nothing_was_started(planned: Experiment) -> None:
    report = build_report(KEY)

    assert report.decision is None
    assert report.notice.startswith("It has not been started")
    assert report.question.metric == "conversion"


def test_report_of_what_everybody_got_untested_does_not_call_it_not_started(planned: Experiment) -> None:
    ramp.ship(KEY, actor="ann", reason="It needs no test.")

    report = build_report(KEY)

    assert report.decision is None
    assert report.notice.startswith("It was turned on for everyone without a test")


def test_report_without_a_snapshot_says_so(planned: Experiment) -> None:
    ramp.start(KEY, coverage_bp=6000, actor="ann", reason="first look")

    report = build_report(KEY)

    assert report.decision is None
    assert "No snapshot has been taken yet" in report.notice
    assert report.phase is not None


def test_report_of_an_ended_phase_without_a_snapshot_says_so(planned: Experiment) -> None:
    live(planned, Past(days=3, is_final=True))
    Snapshot.objects.all().delete()

    assert "without a snapshot" in build_report(KEY).notice


@pytest.mark.parametrize("per_day", [0, 1])
def test_report_of_hardly_anybody_is_a_sentence(planned: Experiment, per_day: int) -> None:
    live(planned, Past(days=1, per_day=per_day))

    report = build_report(KEY)

    assert outcome_of(report) == "keep running"
    (comparison,) = report.of_role("success")[0].comparisons
    assert comparison.shift is None
    assert comparison.reason.endswith(".")


def test_report_of_no_variance_is_a_sentence(planned: Experiment) -> None:
    nobody = Outcome(conversion=0.0)
    live(planned, replace(BIG, outcomes={"control": nobody, "treatment": nobody}))

    report = build_report(KEY)

    (comparison,) = report.of_role("success")[0].comparisons
    assert outcome_of(report) == "do not ship"
    assert comparison.reason


def test_report_of_a_metric_that_left_the_code_is_invalid(planned: Experiment) -> None:
    live(plan_experiment(planned, primary_metric="forgotten"), replace(BIG, outcomes=BETTER))

    report = build_report(KEY)

    assert report.decision is not None
    assert report.decision.outcome == "invalid"
    assert "'forgotten' cannot be read. It is no longer defined" in report.decision.reason


def test_report_says_that_a_ramp_was_rolled_back(planned: Experiment) -> None:
    live(planned, Past(outcomes=SAME, days=14))
    Experiment.objects.update(status=Status.RUNNING)
    ramp.roll_back(KEY, actor="ann", reason="Errors of the row")

    report = build_report(KEY)

    assert outcome_of(report) == "do not ship"
    assert any("rolled back" in caution and "Errors of the row." in caution for caution in report.cautions)


def break_limit(code: str, *, is_reopened: bool = False) -> None:
    """As the ramp controller does, and somebody after it."""
    Experiment.objects.update(status=Status.RUNNING)
    with transaction.atomic():
        change = Change.begin(KEY, "ramp controller", "Of 500 lists of treatment, 9.0% failed.")
        change.code = code
        endings.roll_back(change)
    ramp.roll_back(KEY, actor="ann", reason="to be sure")
    if is_reopened:
        ramp.reopen(KEY, actor="ann", reason="The campaign answers again")


@pytest.mark.parametrize("code", ["row_errors", "guardrail"])
def test_report_ships_nothing_that_a_limit_rolled_back(planned: Experiment, code: str) -> None:
    live(planned, replace(BIG, outcomes=BETTER))
    before = outcome_of(build_report(KEY))

    break_limit(code)

    report = build_report(KEY)
    assert (before, outcome_of(report)) == ("ship", "do not ship")
    assert report.decision is not None
    assert report.decision.reason == "A limit rolled it back: Of 500 lists of treatment, 9.0% failed."


@pytest.mark.parametrize(("code", "is_reopened"), [("row_errors", True), ("flag_overruled", False)])
def test_report_weighs_what_was_reopened_or_switched_off_by_hand(
    planned: Experiment, code: str, *, is_reopened: bool
) -> None:
    live(planned, replace(BIG, outcomes=BETTER))

    break_limit(code, is_reopened=is_reopened)

    report = build_report(KEY)
    assert outcome_of(report) == "ship"
    assert any("It was rolled back" in caution for caution in report.cautions)
    assert any("The campaign answers again." in caution for caution in report.cautions) is is_reopened


def test_report_of_several_variations_corrects_for_their_number(planned: Experiment) -> None:
    planned.variations.create(key="other", name="Other", payload={}, position=2)
    three = {**SAME, "other": BETTER["treatment"]}
    live(planned, replace(BIG, outcomes=three))

    report = build_report(KEY)

    comparisons = {found.variation: found for found in report.of_role("success")[0].comparisons}
    better = comparisons["other"]
    assert better.correction == "Holm"
    assert better.shift is not None
    assert better.corrected_p is not None
    assert better.corrected_p > better.shift.p_value
    assert report.decision is not None
    assert (report.decision.outcome, report.decision.variation) == ("ship", "Other")


def test_report_names_unknown_experiments_and_phases(planned: Experiment) -> None:
    with pytest.raises(UnknownExperiment):
        build_report("nothing")
    with pytest.raises(UnknownPhase, match=r"has no phase 3\. Its phases: none"):
        build_report(KEY, phase_number=3)


def test_json_of_a_report_has_a_stable_schema(planned: Experiment) -> None:
    live(planned, replace(BIG, outcomes=BETTER))

    found = json.loads(dump(build_report(KEY)))

    assert found["schema"] == 1
    assert list(found) == [
        *("schema", "key", "name", "design", "status", "is_simulated", "made_at", "question", "phase", "phases"),
        *("notice", "variations", "as_of", "taken_at", "is_final", "n_units", "decision", "cautions", "left_out"),
        *("sample_ratio", "metrics", "preference", "exposures", "history", "funnel", "segments", "triggered"),
        *("joint", "method"),
    ]
    assert list(found["metrics"][0]["comparisons"][0]) == [
        *("variation", "control", "treatment", "shift", "read_out", "corrected_p", "correction", "finding", "reason"),
        *("adjusted", "variance_cut", "chance_to_beat", "is_disputed"),
    ]
    assert found["decision"]["outcome"] == "ship"


def test_json_of_every_degenerate_report_is_finite(planned: Experiment) -> None:
    live(planned, Past(days=1, per_day=1))
    report = build_report(KEY)

    assert to_json(replace(report, notice="x"))["notice"] == "x"
    assert "NaN" not in dump(report)
