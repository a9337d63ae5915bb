"""Deletes what stands at a backend that bills though nobody is shown it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from recommendations.exceptions import RecommendationsError
from recommendations.pipeline.reaping import find_idle, reap


class Command(BaseCommand):
    help = (
        "Find campaigns and dataset groups at a backend that bills which nobody is shown: of runs that failed or were "
        "abandoned, and of disabled rotations. The first are deleted, as the schedule does every quarter of an hour."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="list them, delete nothing")
        parser.add_argument(
            "--asleep", action="store_true", help="also delete what is live for disabled rotations that nothing shows"
        )

    def handle(self, *, dry_run: bool, asleep: bool, **_: Any) -> None:
        found = find_idle()
        has_failed = False
        for idle in found:
            cost = f"{idle.usd_a_month:,.2f} USD a month" if idle.usd_a_month else "no campaign"
            self.stdout.write(f"{idle.run.resource_name}: {idle.why} ({cost})")
            if dry_run:
                continue
            if idle.is_live and not asleep:
                self.stdout.write("  kept; --asleep deletes it, and the next retrain of the rotation makes it anew")
                continue
            try:
                self.stdout.write("  deleted" if reap(idle) else "  is being deleted; the schedule goes on with it")
            except RecommendationsError as error:
                has_failed = True
                self.stderr.write(f"  not deleted: {error}")
        if not found:
            self.stdout.write("Nothing is idle.")
        if has_failed:
            raise SystemExit(1)
