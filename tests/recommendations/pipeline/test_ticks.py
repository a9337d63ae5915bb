"""Ticks: as far as a run can go at once, the long steps left to a trainer, nothing done twice."""

import time
from collections.abc import Callable

import pytest
from django.db import OperationalError

from recommendations import tasks
from recommendations.leases import claim
from recommendations.models import LiveCampaign, RetrainRun, StepAttempt
from recommendations.pipeline import runner, ticks
from recommendations.pipeline.context import Outcome, StepContext, Waiting
from recommendations.pipeline.helping import drain_store
from recommendations.pipeline.runs import ensure_default_rotation, start_run
from recommendations.pipeline.states import RetrainStatus
from recommendations.pipeline.ticks import advance_runs, train_runs
from tests.factories.retraining import advance_to, make_past

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calm_world")]


def replace_step(
    monkeypatch: pytest.MonkeyPatch, status: RetrainStatus, step: Callable[[StepContext], Outcome]
) -> None:
    monkeypatch.setattr(runner, "STEPS", {**runner.STEPS, status: step})


def test_two_ticks_and_a_training_make_a_small_retrain(monkeypatch: pytest.MonkeyPatch) -> None:
    make_past()
    start_run(ensure_default_rotation())
    monkeypatch.setattr(time, "sleep", lambda _: drain_store())

    first = advance_runs()
    stopped_at = RetrainRun.objects.get().status
    has_moved = train_runs()
    second = advance_runs()

    assert (first.needs_trainer, stopped_at) == (True, RetrainStatus.TRAIN)
    assert has_moved
    assert not second.needs_trainer
    assert RetrainRun.objects.get().status == RetrainStatus.SUCCEEDED
    assert LiveCampaign.objects.get().deployment.colour == "maize"


def test_tick_leaves_what_another_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    run = start_run(ensure_default_rotation())
    claim(run, holder="elsewhere|1|1|1")

    ticked = advance_runs()

    assert not ticked.needs_trainer
    assert not StepAttempt.objects.exists()


def test_tick_bears_with_what_is_seconds_away_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    start_run(ensure_default_rotation())
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    replace_step(monkeypatch, RetrainStatus.PROVISION, lambda _: Waiting("the tracker is being made"))

    advance_runs()

    assert sum(slept) == pytest.approx(ticks.LINGER_S, abs=2 * ticks.POLL_S)
    assert RetrainRun.objects.get().holder == ""


def test_tick_waits_out_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    start_run(ensure_default_rotation())
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    replace_step(monkeypatch, RetrainStatus.PROVISION, lambda _: Waiting("throttled", is_retry=True))

    advance_runs()

    assert slept == []


def test_tick_without_a_database_leaves_the_run_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: StepContext) -> Outcome:
        raise OperationalError("server closed the connection unexpectedly")

    start_run(ensure_default_rotation())
    with monkeypatch.context() as patched:
        patched.setattr(ticks, "close_old_connections", lambda: None)
        replace_step(patched, RetrainStatus.PROVISION, away)
        advance_runs()

    assert RetrainRun.objects.get().status == RetrainStatus.PROVISION


def test_trainer_without_work_moves_nothing() -> None:
    assert not train_runs()

    start_run(ensure_default_rotation())

    assert not train_runs()


def test_evaluation_is_left_to_the_trainer(monkeypatch: pytest.MonkeyPatch) -> None:
    make_past()
    advance_to(RetrainStatus.EVALUATE)

    ticked = advance_runs()

    assert ticked.needs_trainer
    assert RetrainRun.objects.get().status == RetrainStatus.EVALUATE


def test_doors_send_each_other_what_is_needed_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(tasks, "_send", lambda task: sent.append(task.name.rpartition(".")[2]))
    tasks.advance_retrains()
    tasks.train_pending()
    idle = list(sent)
    make_past()
    advance_to(RetrainStatus.TRAIN)

    tasks.advance_retrains()
    tasks.train_pending()

    assert idle == []
    assert sent == ["train_pending", "advance_retrains"]
