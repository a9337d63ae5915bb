"""A run's steps: what each has come to, how long it took and what it said, in every state a run can be in."""

from datetime import UTC, datetime, timedelta

import pytest

from recommendations.admin.room.stepper import Progress, StepLine, describe_steps, find_step
from recommendations.models import RetrainRun, StepAttempt
from recommendations.pipeline.states import STEPS

BEGIN = datetime(2026, 3, 1, 3, tzinfo=UTC)
NOW = BEGIN + timedelta(minutes=2)


def make_run(status: str, **fields: object) -> RetrainRun:
    return RetrainRun(
        pk=7, rotation_id="home", colour="blue", status=status, created_at=BEGIN, updated_at=NOW, **fields
    )


def make_attempt(step: str, event: str, after_s: int, note: str = "", holder: str = "place|1||1") -> StepAttempt:
    return StepAttempt(step=step, event=event, note=note, holder=holder, at=BEGIN + timedelta(seconds=after_s))


PROVISIONED = [
    make_attempt("provision", "started", 0),
    make_attempt("provision", "done", 3, "blue side ready"),
    make_attempt("export", "started", 3),
]


def line_of(run: RetrainRun, attempts: list[StepAttempt], step: str, progress: Progress | None = None) -> StepLine:
    return next(line for line in describe_steps(run, attempts, NOW, progress) if line.name == step)


def test_steps_are_all_there_in_order_each_with_its_purpose() -> None:
    lines = describe_steps(make_run("provision"), [], NOW)

    assert [line.name for line in lines] == [step.value for step in STEPS]
    assert [line.number for line in lines] == list(range(1, len(STEPS) + 1))
    assert all(line.purpose for line in lines)


def test_step_that_is_done_tells_how_long_it_took_and_what_it_said() -> None:
    line = line_of(make_run("export"), PROVISIONED, "provision")

    assert (line.state, line.took, line.note) == ("done", "3.0 s", "blue side ready")


def test_step_under_way_counts_on() -> None:
    line = line_of(make_run("export"), PROVISIONED, "export")

    assert (line.state, line.took) == ("running", "1 min 57 s")


def test_step_that_waits_says_for_what() -> None:
    attempts = [*PROVISIONED, make_attempt("export", "waiting", 4, "the watermark has not passed yet")]

    line = line_of(make_run("export"), attempts, "export")

    assert (line.state, line.note) == ("waiting", "the watermark has not passed yet")


@pytest.mark.parametrize(("status", "word"), [("export", "to come"), ("failed", "not reached")])
def test_step_ahead_has_nothing_to_say(status: str, word: str) -> None:
    ended = {"finished_at": NOW, "failure_step": "export"} if status == "failed" else {}

    line = line_of(make_run(status, **ended), PROVISIONED, "train")

    assert (line.state, line.word, line.took, line.note) == ("ahead", word, "", "")


def test_step_that_failed_stopped_its_clock() -> None:
    attempts = [*PROVISIONED, make_attempt("export", "failed", 10, "no interaction")]
    run = make_run("failed", failure_step="export", finished_at=BEGIN + timedelta(seconds=10))

    line = line_of(run, attempts, "export")

    assert (line.state, line.took, line.note) == ("failed", "7.0 s", "no interaction")


def test_abandoned_run_ended_at_the_first_step_that_was_not_done() -> None:
    run = make_run("abandoned", finished_at=NOW)

    assert find_step(run, PROVISIONED) == "export"
    assert line_of(run, PROVISIONED, "export").word == "abandoned here"


def test_progress_belongs_to_the_training_under_way() -> None:
    run, progress = make_run("train"), Progress(0.42, "item neighbours")
    attempts = [make_attempt("train", "started", 60)]

    lines = describe_steps(run, attempts, NOW, progress)

    assert [line.name for line in lines if line.progress is not None] == ["train"]
    assert (progress.percent, progress.width) == ("42%", "42.0%")


def test_step_tells_when_several_processes_worked_on_it() -> None:
    attempts = [*PROVISIONED, make_attempt("export", "started", 9, holder="place|2||1")]

    line = line_of(make_run("export"), attempts, "export")

    assert line.n_holders == 2
