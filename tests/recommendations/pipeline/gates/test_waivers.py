"""A waiver lets one gate of one run fail, once, with a reason, and stays for good."""

import pytest
from django.db import DatabaseError, transaction

from recommendations.exceptions import InvalidInput
from recommendations.models import GateWaiver, Rotation
from recommendations.pipeline.gates.results import Verdict, gate_results
from recommendations.pipeline.gates.waivers import waive_gate
from recommendations.pipeline.runs import ensure_default_rotation, start_run
from recommendations.pipeline.states import RetrainStatus
from tests.factories.retraining import advance_to, make_past, retrain

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calm_world")]

WHO = {"actor": "ann", "reason": "The shop sells other things since Monday."}


def forbid_overlap() -> None:
    """Make the overlap gate fail for whatever is like the live campaign."""
    Rotation.objects.update(gates={"min_overlap_share": 0.0, "max_overlap_share": 0.0})


def test_waived_gate_lets_its_run_go_on_and_the_next_one_not() -> None:
    make_past()
    retrain()
    forbid_overlap()
    failed = advance_to(RetrainStatus.FAILED)
    waive_gate(start_run(ensure_default_rotation()), "overlap", **WHO)

    run = retrain()

    assert "Gate overlap: 100% of" in failed.failure_reason
    assert '--waive overlap --reason "..."' in failed.failure_fix
    verdicts = {each.gate: each.verdict for each in gate_results(run.report)}
    assert verdicts["overlap"] is Verdict.WAIVED
    assert run.waiver.actor == "ann"
    assert advance_to(RetrainStatus.FAILED).failure_step == RetrainStatus.HEARTBEAT


def test_waiver_is_given_once_and_to_one_gate() -> None:
    run = start_run(ensure_default_rotation())

    first, again = (waive_gate(run, "overlap", **WHO) for _ in range(2))

    assert first == again
    with pytest.raises(InvalidInput, match=r"overlap is waived for .* already"):
        waive_gate(run, "coverage", **WHO)
    assert GateWaiver.objects.count() == 1


@pytest.mark.parametrize(
    ("gate", "who", "message"),
    [
        ("no-such-gate", WHO, "the gates are: schema_errors, row_count"),
        ("heartbeat", WHO, "never waived"),
        ("overlap", {**WHO, "reason": "  "}, "reason"),
        ("overlap", {**WHO, "reason": "x" * 501}, "reason"),
        ("overlap", {**WHO, "actor": ""}, "actor"),
    ],
)
def test_waiver_without_sense_or_reason_is_refused(gate: str, who: dict[str, str], message: str) -> None:
    run = start_run(ensure_default_rotation())

    with pytest.raises(InvalidInput, match=message):
        waive_gate(run, gate, **who)

    assert not GateWaiver.objects.exists()


def test_waiver_comes_too_late_for_a_run_that_has_ended() -> None:
    make_past()
    run = retrain()

    with pytest.raises(InvalidInput, match="has ended"):
        waive_gate(run, "overlap", **WHO)


@pytest.mark.parametrize("change", [lambda rows: rows.update(reason="none"), lambda rows: rows.delete()])
def test_database_changes_no_waiver(change: object) -> None:
    waiver = waive_gate(start_run(ensure_default_rotation()), "overlap", **WHO)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        change(GateWaiver.objects.filter(pk=waiver.pk))  # type: ignore[operator]

    assert GateWaiver.objects.get().reason == WHO["reason"]
