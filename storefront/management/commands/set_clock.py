"""`manage.py set_clock`: show or set the time of this world."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from storefront.clock import EARLIEST, END, FASTEST, Clock
from storefront.world_file import WorldFault


class Command(BaseCommand):
    help = "Show this world's time; with ISO set it, from now on; with `real` make it the system's again."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("moment", nargs="?", metavar="ISO|real", help="such as 2011-12-09T12:51:00Z")
        parser.add_argument("--rate", type=float, help="with ISO: world seconds a second, above 0 (default 1)")

    def handle(self, *args: object, **options: Any) -> None:  # noqa: ARG002
        moment, rate = options["moment"], options["rate"]
        clock = settings.CLOCK
        if rate is not None and moment in {None, "real"}:
            raise CommandError("--rate goes with a time from which on it holds; give that too, as ISO.")
        rate = 1.0 if rate is None else rate
        if moment == "real":
            clock.reset()
        elif moment:
            if not 0 < rate <= FASTEST:
                raise CommandError(f"--rate is {rate:g}; give a number above 0 and up to {FASTEST:.0f}.")
            clock.set(_parsed(moment), rate=rate)
        else:
            _refuse_damaged(clock)
        kind = "set for this world" if clock.is_set() else "the system's"
        self.stdout.write(f"{clock.now():%Y-%m-%dT%H:%M:%SZ} ({kind})")


def _refuse_damaged(clock: Clock) -> None:
    try:
        clock.check()
    except WorldFault as fault:
        raise CommandError(f"{fault} `manage.py set_clock real` does the latter.") from fault


def _parsed(moment: str) -> datetime:
    try:
        found = datetime.fromisoformat(moment)
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise CommandError(f"{moment!r} is no time; write it as 2011-12-09T12:51:00Z, or `real`.") from None
    if not EARLIEST <= found < END:
        raise CommandError(f"{moment} is out of range; give a time in the years 2000 to 2100.")
    return found
