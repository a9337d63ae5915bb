"""What an experiment has shown, in the terminal or as JSON."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from experiments.exceptions import ExperimentsError
from experiments.management.reports import list_parts, render
from experiments.report.build import build_report
from experiments.report.jsonable import dump

# What a script can act on: the verdict as an exit code.
EXIT_CODES = {
    "ship": 0,
    "preferred": 0,
    "no difference": 0,
    "do not ship": 3,
    "not preferred": 3,
    "no preference": 3,
    "keep running": 4,
    "invalid": 5,
}
NOTHING_TO_READ = 6


class Command(BaseCommand):
    help = (
        "Read an experiment: experiment_report KEY [--phase N] [--json]. Exit code 0: ship, preferred or no difference "
        "in an A/A; 1: an error; 3: do not ship, not preferred or no preference; 4: keep running; 5: invalid; 6: "
        "nothing to read yet. With --exit-zero it is 0 unless there is an error."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("key", help="the experiment's key")
        parser.add_argument("--phase", type=int, help="number of the phase (default: the newest)")
        parser.add_argument("--json", action="store_true", help="print JSON of a stable schema")
        parser.add_argument("--exit-zero", action="store_true", help="exit with 0 whatever the verdict is")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        try:
            report = build_report(options["key"], phase_number=options["phase"])
        except ExperimentsError as error:
            raise CommandError(f"{error} [{error.code}]") from error
        if options["json"]:
            self.stdout.write(dump(report))
        else:
            self.stdout.write(render(*list_parts(report), is_terminal=self.stdout.isatty()))
        outcome = report.decision.outcome if report.decision is not None else ""
        code = EXIT_CODES.get(outcome, NOTHING_TO_READ)
        if code and not options["exit_zero"]:
            sys.exit(code)
