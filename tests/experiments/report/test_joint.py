from datetime import timedelta

import pytest

from experiments.conf import now
from experiments.models import Allocation, Experiment, RampAction, RampChange, Status
from experiments.report.build import build_report
from experiments.report.values import Comparison, Joint
from tests.experiments.conftest import KEY
from tests.experiments.report.conftest import BETTER
from tests.factories.snapshots import Outcome, Past, live

# Most shoppers of the quiet day see control, most of the busy one the treatment.
QUIET, BUSY = 0.02, 0.10


def run(experiment: Experiment, *days: tuple[int, float, float], lost: float = 0.0, is_over: bool = False) -> None:
    """A Thompson run: (weight of the treatment in percent, conversion of control, of the treatment) for each day."""
    experiment.allocation = Allocation.THOMPSON
    experiment.save(update_fields=["allocation"])
    for place, (percent, control, treatment) in enumerate(days, 1):
        past = Past(
            days=1,
            per_day=10_000,
            outcomes={"control": Outcome(conversion=control), "treatment": Outcome(conversion=treatment)},
            split={"control": 2 - percent / 50, "treatment": percent / 50 * (1 - lost * (place == 1))},
            weights=(("control", 100 * (100 - percent)), ("treatment", 100 * percent)),
            is_final=is_over or place < len(days),
        )
        phase = live(experiment, past, until=now() - timedelta(days=len(days) - place))
        action = RampAction.START if place == 1 else RampAction.REALLOCATE
        RampChange.objects.create(
            experiment=experiment,
            phase=phase,
            action=action,
            actor="ann",
            reason="a new day",
            old_state=Status.RUNNING,
            new_state=Status.RUNNING,
        )


def read_only(joint: Joint | None) -> Comparison:
    assert joint is not None
    (comparison,) = joint.metric.comparisons
    assert comparison.shift is not None
    return comparison


def test_joint_of_days_without_effect_is_not_fooled_by_their_mixture(planned: Experiment) -> None:
    run(planned, (10, QUIET, QUIET), (90, BUSY, BUSY))

    report = build_report(KEY)

    assert report.joint is not None
    assert (report.joint.phases, report.joint.n_units) == ((1, 2), 40_000)
    found = read_only(report.joint)
    assert found.shift is not None
    assert found.shift.estimate == pytest.approx(0.0, abs=1e-12)
    assert found.control == pytest.approx((QUIET + BUSY) / 2)
    assert found.finding == "undecided"


def test_joint_of_days_finds_what_no_day_finds_alone(planned: Experiment) -> None:
    run(planned, *[(50, 0.05, 0.0575)] * 4)

    report = build_report(KEY)

    assert report.of_role("success")[0].comparisons[0].finding == "undecided"
    assert read_only(report.joint).finding == "better"
    assert read_only(report.joint).read_out == "sequential"


def test_joint_leaves_out_a_phase_whose_split_is_wrong(planned: Experiment) -> None:
    run(planned, (50, 0.05, 0.05), (50, 0.05, 0.05), (50, 0.05, 0.05), lost=0.2)

    report = build_report(KEY)

    assert report.joint is not None
    assert (report.joint.phases, report.joint.left_out) == ((2, 3), (1,))


def test_joint_begins_where_the_run_was_started(planned: Experiment) -> None:
    run(planned, (50, 0.05, 0.08), (50, 0.05, 0.08), is_over=True)
    run(planned, (50, 0.05, 0.05), (50, 0.05, 0.05))

    first, second = build_report(KEY, phase_number=2), build_report(KEY)

    assert first.joint is not None
    assert second.joint is not None
    assert (first.joint.phases, second.joint.phases) == ((1, 2), (3, 4))
    assert read_only(first.joint).finding == "better"


def test_joint_is_of_thompson_runs_of_several_phases(planned: Experiment) -> None:
    live(planned, Past(outcomes=BETTER, is_final=True), until=now() - timedelta(days=30))
    live(planned, Past(outcomes=BETTER, is_final=True), until=now() - timedelta(days=10))
    fixed = build_report(KEY)

    run(planned, (50, 0.05, 0.05))

    assert (fixed.joint, build_report(KEY).joint) == (None, None)
