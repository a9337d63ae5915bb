"""Retrain a rotation's dormant side and swap it live, in the foreground, resuming what was begun."""

import json
import os
import signal
import sys
import time
from argparse import ArgumentParser
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from recommendations.adapters.registry import get_backend
from recommendations.exceptions import IllegalTransition, InvalidInput, LeaseHeld, LeaseLost
from recommendations.management.actors import command_actor
from recommendations.management.reports import StepLines, metrics_table
from recommendations.models import RetrainRun, Rotation
from recommendations.pipeline.context import Waiting
from recommendations.pipeline.control import abandon_run, request_retrain
from recommendations.pipeline.gates.waivers import check_waiver, waive_gate
from recommendations.pipeline.helping import help_along
from recommendations.pipeline.runner import HeldRun, advance, hold_run
from recommendations.pipeline.runs import active_run, ensure_default_rotation, get_rotation
from recommendations.pipeline.states import AFTER_SWAP, RetrainStatus

HELD, INTERRUPTED = 3, 130
POLL_S = 0.1
# A tick lets go of a run within seconds; a holder that does not is another foreground retrain, or a long step.
PATIENCE_S = 20.0
RETRY_S = 3.0
# Pages come first: the scheduler gives this process what they leave.
NICENESS = 10


class Command(BaseCommand):
    help = (
        "Export, import, train, evaluate, check and swap: rebuilds the side of a rotation that is not live, then makes "
        "it live. An interrupted run is resumed. A failure leaves the live campaign serving."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("rotations", nargs="*", metavar="ROTATION", help="keys of rotations (default: home)")
        parser.add_argument("--all", action="store_true", help="every active rotation, one after the other")
        parser.add_argument("--abandon", action="store_true", help="end the active run instead of resuming it")
        parser.add_argument("--waive", default="", metavar="GATE", help="let one gate fail, once; needs --reason")
        parser.add_argument("--reason", default="", help="why, for the audit")
        parser.add_argument("--json", action="store_true", help="print each run as one line of JSON, nothing else")

    def run_from_argv(self, argv: list[str]) -> None:
        """Run as a process of its own: its priority and its signals are nobody else's."""
        os.nice(NICENESS)
        signal.signal(signal.SIGTERM, _interrupt)
        super().run_from_argv(argv)

    def handle(self, *_args: Any, **options: Any) -> None:
        self._is_json, self._reason = options["json"], options["reason"] or "manage.py retrain"
        self._waived = options["waive"]
        if self._waived:
            self._check_waiver(options["reason"], is_all=options["all"], is_abandon=options["abandon"])
        work = self._abandon if options["abandon"] else self._retrain
        try:
            outcomes = [work(rotation) for rotation in self._chosen(options["rotations"], is_all=options["all"])]
        except OperationalError as error:
            self._stop(1, f"The database is away: {error}\nWhere it is back, or DATABASE_URL is right, run this again.")
        if not all(outcomes):
            raise SystemExit(1)

    def _chosen(self, keys: list[str], *, is_all: bool) -> list[Rotation]:
        default = ensure_default_rotation()
        if is_all and keys:
            raise CommandError("Give rotations or --all, not both.")
        if is_all:
            return list(Rotation.objects.filter(is_active=True))
        try:
            return [get_rotation(key) for key in keys] or [default]
        except InvalidInput as error:
            raise CommandError(str(error)) from error

    def _check_waiver(self, reason: str, *, is_all: bool, is_abandon: bool) -> None:
        if is_all or is_abandon:
            raise CommandError("--waive is for one retrain: give it with a rotation, without --all or --abandon.")
        try:
            check_waiver(self._waived, actor=command_actor(), reason=reason)
        except InvalidInput as error:
            raise CommandError(str(error)) from error

    def _abandon(self, rotation: Rotation) -> bool:
        run = active_run(rotation)
        if run is None:
            self.stdout.write(f"{rotation.key}: no run is active.")
            return True
        try:
            run = abandon_run(run, actor=command_actor(), reason=self._reason)
        except (IllegalTransition, InvalidInput) as error:
            raise CommandError(str(error)) from error
        self._report(run, f"{run} is abandoned; the next run tears down what it built.")
        return True

    def _retrain(self, rotation: Rotation) -> bool:
        try:
            run = request_retrain(rotation.key, actor=command_actor(), reason=self._reason)
            if self._waived:
                waive_gate(run, self._waived, actor=command_actor(), reason=self._reason)
        except InvalidInput as error:
            raise CommandError(str(error)) from error
        lines = StepLines(sys.stderr if self._is_json else sys.stdout, is_silent=self._is_json)
        try:
            with lines:
                self._work(run, lines)
        except LeaseHeld as error:
            self._stop(HELD, f"{error} This is not a second one: wait for it, or stop that process.")
        except OperationalError as error:
            self._stop(
                1, f"The database is away: {error}\nWhere it is back, to resume: manage.py retrain {rotation.key}"
            )
        except KeyboardInterrupt:
            self._stop(INTERRUPTED, f"Interrupted. To resume: manage.py retrain {rotation.key}")
        except LeaseLost as error:
            if RetrainRun.objects.get(pk=run.pk).is_active:
                self._stop(INTERRUPTED, f"{error} To resume: manage.py retrain {rotation.key}")
        run = RetrainRun.objects.get(pk=run.pk)
        if run.status == RetrainStatus.ABANDONED:
            self._report(run, f"{run} was abandoned by somebody else; the live campaign stays.")
            return False
        if run.status in {RetrainStatus.SUCCEEDED, *AFTER_SWAP}:
            self._report(run, f"{rotation.key} is live on {run.colour}.\n\n{metrics_table(run.report['evaluate'])}")
            return True
        self._report(
            run, f"The step {run.failure_step} failed.\n  Why:  {run.failure_reason}\n  What to do: {run.failure_fix}"
        )
        return False

    def _work(self, run: RetrainRun, lines: StepLines) -> None:
        """Work on the run, or watch it while a tick or a trainer does, until it has ended."""
        patient_until_s = time.monotonic() + PATIENCE_S
        while True:
            try:
                with hold_run(run) as held:
                    if held.run.is_active:
                        lines.begin(held.run)
                        self._advance_to_end(held, lines)
            except LeaseHeld:
                now = RetrainRun.objects.only("status", "updated_at", "finished_at").get(pk=run.pk)
                if not now.is_active:
                    return
                if time.monotonic() > patient_until_s:
                    raise
                time.sleep(POLL_S)
            else:
                return

    def _advance_to_end(self, held: HeldRun, lines: StepLines) -> None:
        while held.run.is_active:
            status = RetrainStatus(held.run.status)
            lines.enter(status)
            outcome = advance(held, progress=lines.progress)
            lines.show(status, outcome)
            if isinstance(outcome, Waiting) and status in AFTER_SWAP:
                # It serves; ticks see to the old side once its drain is over.
                break
            if isinstance(outcome, Waiting) and not help_along(held.run, progress=lines.progress):
                is_slow = outcome.is_retry or get_backend(held.run.rotation.backend).bills
                time.sleep(RETRY_S if is_slow else POLL_S)

    def _report(self, run: RetrainRun, text: str) -> None:
        if not self._is_json:
            self.stdout.write(text)
            return
        facts = {
            "run": run.pk,
            "rotation": run.rotation_id,
            "colour": run.colour,
            "status": run.status,
            "failure": {"step": run.failure_step, "reason": run.failure_reason, "fix": run.failure_fix},
            "report": run.report,
        }
        self.stdout.write(json.dumps(facts))

    def _stop(self, code: int, message: str) -> NoReturn:
        self.stderr.write(message)
        raise SystemExit(code)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
