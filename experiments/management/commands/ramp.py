"""Changes who sees an experiment's feature, from the command line."""

from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from experiments import ramp
from experiments.exceptions import ExperimentsError
from experiments.history import describe_history
from experiments.models import Experiment, RampChange
from experiments.panel import describe_panel
from experiments.shares import find_coverage, parse_percent

# By the words that are typed; "on" and "off" are what everybody tries first.
VERBS: Mapping[str, Callable[..., RampChange | None]] = MappingProxyType(
    {
        "start": ramp.start,
        "approve": ramp.approve_step,
        "hold": ramp.hold,
        "resume": ramp.resume,
        "roll-back": ramp.roll_back,
        "off": ramp.roll_back,
        "reopen": ramp.reopen,
        "complete": ramp.complete,
        "ship": ramp.ship,
        "on": ramp.ship,
        "stop": ramp.stop,
    }
)


class Command(BaseCommand):
    help = "Change who sees an experiment's feature: ramp KEY SHARE --reason WHY. Without SHARE, say who sees it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("key", help="the experiment's key")
        parser.add_argument(
            "share", nargs="?", help=f"the percentage that is to see it (2.5), or one of: {', '.join(VERBS)}"
        )
        parser.add_argument("--reason", default="", help="why; kept with the change")
        parser.add_argument("--by", default="command line", help="who; kept with the change (default: command line)")
        parser.add_argument("--variation", default=None, help="what to ship, where there are several besides control")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        key, share = options["key"], options["share"]
        try:
            if share is not None:
                if not options["reason"].strip():
                    raise CommandError('Say why, it is kept with the change: --reason "...". [reason_missing]')
                change = self._change(key, share, options)
                self.stdout.write(
                    "Nothing to change: it is already so." if change is None else f"{change.get_action_display()}."
                )
            self._report(key)
        except ExperimentsError as refusal:
            raise CommandError(f"{refusal} [{refusal.code}]") from refusal
        except ValueError as error:
            raise CommandError(f"SHARE: {error}") from error

    def _change(self, key: str, share: str, options: Mapping[str, Any]) -> RampChange | None:
        who = {"actor": options["by"], "reason": options["reason"]}
        if share in VERBS:
            chosen = {"variation": options["variation"]} if VERBS[share] is ramp.ship else {}
            return VERBS[share](key, **who, **chosen)
        coverage_bp = find_coverage(parse_percent(share), describe_panel(_find(key)).featured_bp)
        return ramp.ramp_to(key, coverage_bp=coverage_bp, **who)

    def _report(self, key: str) -> None:
        experiment = _find(key)
        panel = describe_panel(experiment)
        parts = ", ".join(f"{segment.label} {segment.percent}" for segment in panel.segments)
        self.stdout.write(f"{experiment.name}: {panel.status.label}; {panel.seen} see it ({parts}).")
        if panel.layer_part:
            self.stdout.write(f"The shares are of {panel.layer_part}: {panel.seen_of_all} of all see it.")
        for line in describe_history(experiment)[:1]:
            self.stdout.write(
                f"Last change by {line.change.actor}: {line.before} -> {line.after}. {line.change.reason}"
            )


def _find(key: str) -> Experiment:
    return Experiment.objects.select_related("flag", "shipped", "layer").by_key(key)
