"""A run step by step: each step's state, how long it took, its share done and what it said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from recommendations.admin.room.spans import say_span
from recommendations.models import RetrainRun, StepAttempt
from recommendations.pipeline.states import STEPS, RetrainStatus

PURPOSES: Mapping[str, str] = MappingProxyType(
    {
        "provision": "Clears the dormant side and opens its event tracker",
        "export": "Writes the window's interactions, up to the watermark",
        "import": "Checks every row into the side's datasets",
        "train": "Fits the recipe",
        "evaluate": "Asks held-out shoppers, and popularity the same",
        "deploy": "Opens a campaign that nobody is served from yet",
        "heartbeat": "Asks for real shoppers' lists, in time and in stock",
        "swap": "Moves the live pointer",
        "drain": "Keeps the old side to roll back to",
        "teardown": "Deletes the old side",
    }
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a training is: a share 0..1 and what it does."""

    share: float
    note: str = ""

    @property
    def percent(self) -> str:
        return f"{self.share:.0%}"

    @property
    def width(self) -> str:
        return f"{self.share * 100:.1f}%"


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step: `state` is done, running, waiting, failed, ended or ahead."""

    number: int
    name: str
    purpose: str
    state: str
    word: str
    took: str
    note: str
    progress: Progress | None = None
    n_holders: int = 0


def describe_steps(
    run: RetrainRun, attempts: Sequence[StepAttempt], now: datetime, progress: Progress | None = None
) -> tuple[StepLine, ...]:
    """Return every step of a run in order.

    Args:
        run: the run.
        attempts: all that happened to its steps, oldest first.
        now: the world's time.
        progress: of the training, while there is one.
    """
    by_step: dict[str, list[StepAttempt]] = {}
    for attempt in attempts:
        by_step.setdefault(attempt.step, []).append(attempt)
    reached = find_step(run, attempts)
    return tuple(
        _line(run, number, step, by_step.get(step, []), now, progress if step is RetrainStatus.TRAIN else None, reached)
        for number, step in enumerate(STEPS, start=1)
    )


def find_step(run: RetrainRun, attempts: Sequence[StepAttempt]) -> str:
    """Return the step that a run is at or ended at; empty for one that succeeded."""
    if run.is_active:
        return run.status
    if run.status == RetrainStatus.SUCCEEDED:
        return ""
    done = {attempt.step for attempt in attempts if attempt.event == StepAttempt.Event.DONE}
    return run.failure_step or next((step.value for step in STEPS if step not in done), "")


def _line(
    run: RetrainRun,
    number: int,
    step: RetrainStatus,
    attempts: Sequence[StepAttempt],
    now: datetime,
    progress: Progress | None,
    reached: str,
) -> StepLine:
    state, word = _state(run, step, attempts, reached)
    is_current = state in {"running", "waiting"}
    return StepLine(
        number=number,
        name=step.value,
        purpose=PURPOSES.get(step.value, ""),
        state=state,
        word=word,
        took=_took(attempts, now if is_current else run.finished_at, is_over=state == "done"),
        note=_note(attempts, state),
        progress=progress if is_current else None,
        n_holders=len({each.holder for each in attempts}),
    )


def _state(run: RetrainRun, step: RetrainStatus, attempts: Sequence[StepAttempt], reached: str) -> tuple[str, str]:
    if any(each.event == StepAttempt.Event.DONE for each in attempts):
        return "done", "done"
    if step != reached:
        return "ahead", "to come" if run.is_active else "not reached"
    if run.status == RetrainStatus.FAILED:
        return "failed", "failed"
    if run.status == RetrainStatus.ABANDONED:
        return "ended", "abandoned here"
    if attempts and attempts[-1].event == StepAttempt.Event.WAITING:
        return "waiting", "waiting"
    return "running", "running" if attempts else "next"


def _took(attempts: Sequence[StepAttempt], until: datetime | None, *, is_over: bool) -> str:
    if not attempts:
        return ""
    end = attempts[-1].at if is_over or until is None else until
    return say_span(end - attempts[0].at)


def _note(attempts: Sequence[StepAttempt], state: str) -> str:
    notes = [each.note for each in attempts if each.note]
    return notes[-1] if notes and state != "ahead" else ""
