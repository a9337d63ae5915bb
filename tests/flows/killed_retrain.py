"""Runs a retrain by a command or by ticks, and kills its own process, as by kill -9, at one moment of one step."""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

# More than a retrain needs, so that a step that is never reached ends the process in peace and the test in red.
TICKS = 5


def main(hands: str, step: str, moment: str) -> None:  # noqa: C901 - the ways to die are one list
    os.environ["DJANGO_SETTINGS_MODULE"] = "storefront.settings"
    import django

    django.setup()
    from django.core.management import execute_from_command_line

    from recommendations.adapters.embedded import training
    from recommendations.pipeline import helping, runner, ticks
    from recommendations.pipeline.context import Done, Outcome, StepContext
    from recommendations.pipeline.states import RetrainStatus

    status = RetrainStatus(step)

    def die() -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def dying(real: Callable[[StepContext], Outcome]) -> Callable[[StepContext], Outcome]:
        def run(context: StepContext) -> Outcome:
            if moment == "begun":
                die()
            outcome = real(context)
            if isinstance(outcome, Done) and moment == "worked":
                die()
            return outcome

        return run

    record = runner._record

    def record_and_die(*arguments: Any) -> Any:
        recorded = record(*arguments)
        if moment == "recorded" and arguments[1] is status and isinstance(arguments[2], Done):
            die()
        return recorded

    train_next = training.train_next

    def die_in_training(**_: Any) -> Any:
        return train_next(progress=lambda share, note: die() if share > 0.3 else None)

    runner.STEPS = {**runner.STEPS, status: dying(runner.STEPS[status])}
    runner._record = record_and_die  # type: ignore[assignment]
    if moment == "training":
        helping.train_next = ticks.train_next = die_in_training  # type: ignore[attr-defined]
    if hands == "command":
        execute_from_command_line(["manage.py", "retrain"])
    else:
        tick()


def tick() -> None:
    """Do what worker, trainer and consumers do, in one process."""
    from recommendations.pipeline import helping, nights, ticks

    nights.start_due_runs()
    for _ in range(TICKS):
        helping.drain_store()
        if ticks.advance_runs().needs_trainer:
            ticks.train_runs()


if __name__ == "__main__":
    main(*sys.argv[1:])
