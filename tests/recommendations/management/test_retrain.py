"""The commands: what they print, how they end."""

import json
import time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection

from recommendations.leases import claim
from recommendations.management.commands import retrain
from recommendations.models import GateWaiver, LiveCampaign, RetrainRun, Rotation
from recommendations.pipeline.control import abandon_run
from recommendations.pipeline.runs import ensure_default_rotation, start_run
from recommendations.retrain_status import RetrainStatus
from tests.factories.retraining import make_past

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calm_world")]


def run_command(name: str, *arguments: str) -> tuple[int, str, str]:
    out, err, code = StringIO(), StringIO(), 0
    try:
        call_command(name, *arguments, stdout=out, stderr=err)
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, out.getvalue(), err.getvalue()


def test_retrain_prints_its_metrics_and_is_live() -> None:
    make_past()

    code, out, _ = run_command("retrain")

    assert code == 0
    assert "home is live on maize." in out
    assert "NDCG@25, 95% intervals" in out
    assert LiveCampaign.objects.get().version == 1


def test_retrain_says_which_step_failed_why_and_what_to_do() -> None:
    code, out, _ = run_command("retrain")

    assert code == 1
    assert "The step export failed." in out
    assert "Why:  No interaction with a listed product" in out
    assert "What to do: Import interactions" in out


def test_retrain_prints_json_alone() -> None:
    make_past()

    code, out, _ = run_command("retrain", "home", "--json")

    facts = json.loads(out)
    assert code == 0
    assert (facts["rotation"], facts["status"], facts["colour"]) == ("home", "succeeded", "maize")
    assert facts["report"]["export"]["n_rows"] == 1200


@pytest.mark.parametrize("options", [(), ("home",), ("--all",), ("--abandon",), ("--json",)])
def test_retrain_without_its_database_says_so_and_ends_with_one(
    monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    def refuse(*_: object) -> None:
        raise OperationalError("connection to server at 127.0.0.1 failed")

    monkeypatch.setattr(connection, "cursor", refuse)

    code, out, err = run_command("retrain", *options)

    assert (code, out) == (1, "")
    assert err.startswith("The database is away: connection to server at 127.0.0.1 failed\n")


def test_second_retrain_says_so_and_ends_with_three(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrain, "PATIENCE_S", 0.3)
    claim(start_run(ensure_default_rotation()), holder="elsewhere|1|1|1")

    code, _, err = run_command("retrain")

    assert code == 3
    assert "is held by elsewhere" in err
    assert RetrainRun.objects.count() == 1


def test_retrain_follows_a_run_that_a_tick_ends() -> None:
    run = claim(start_run(ensure_default_rotation()), holder="elsewhere|1|1|1")

    def end(_: float) -> None:
        abandon_run(run, actor="ann", reason="enough")

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(time, "sleep", end)
        code, out, _ = run_command("retrain")

    assert code == 1
    assert "was abandoned" in out


def test_retrain_abandons() -> None:
    start_run(ensure_default_rotation())

    assert run_command("retrain", "--abandon")[0] == 0
    assert RetrainRun.objects.get().status == RetrainStatus.ABANDONED
    assert "no run is active" in run_command("retrain", "--abandon")[1]


def test_retrain_refuses_what_it_does_not_know() -> None:
    with pytest.raises(CommandError, match="there are: home"):
        call_command("retrain", "nowhere")
    with pytest.raises(CommandError, match="not both"):
        call_command("retrain", "home", "--all")


def test_evaluate_prints_what_was_and_what_would_be() -> None:
    make_past()
    run_command("retrain", "--all")

    code, out, _ = run_command("evaluate")

    assert code == 0
    assert out.count("NDCG@25, 95% intervals") == 2
    assert "Measured again on 1,200 interactions" in out
    assert run_command("evaluate", "--stored")[1].count("NDCG@25, 95% intervals") == 1


def test_retrain_waives_a_gate_for_its_run_alone() -> None:
    make_past()
    run_command("retrain")
    Rotation.objects.update(gates={"min_overlap_share": 0.0, "max_overlap_share": 0.0})

    stopped, report, _ = run_command("retrain")
    waived, _, _ = run_command("retrain", "home", "--waive", "overlap", "--reason", "Nothing new is right today.")
    again, _, _ = run_command("retrain")

    assert (stopped, waived, again) == (1, 0, 1)
    assert "Gate overlap:" in report
    waiver = GateWaiver.objects.get()
    assert (waiver.gate, waiver.reason) == ("overlap", "Nothing new is right today.")
    assert waiver.actor


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--waive", "overlap"), "reason"),
        (("--waive", "heartbeat", "--reason", "because"), "never waived"),
        (("--waive", "no-such-gate", "--reason", "because"), "the gates are"),
        (("--all", "--waive", "overlap", "--reason", "because"), "one retrain"),
    ],
)
def test_retrain_begins_no_run_for_a_waiver_without_sense(arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        call_command("retrain", *arguments)

    assert not RetrainRun.objects.exists()
