"""`manage.py set_clock`: show or set the time of this world."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Show this world's time; with ISO set it, from now on; with `real` make it the system's again."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("moment", nargs="?", metavar="ISO|real", help="such as 2011-12-09T12:51:00Z")
        parser.add_argument("--rate", type=float, default=1.0, help="world seconds a second, above 0 (default 1)")

    def handle(self, *args: object, **options: Any) -> None:  # noqa: ARG002
        moment, rate = options["moment"], options["rate"]
        clock = settings.CLOCK
        if moment == "real":
            clock.reset()
        elif moment:
            if not 0 < rate <= 1_000_000:
                raise CommandError(f"--rate is {rate:g}; give a number above 0 and up to 1000000.")
            clock.set(_parsed(moment), rate=rate)
        kind = "set for this world" if clock.is_set() else "the system's"
        self.stdout.write(f"{clock.now():%Y-%m-%dT%H:%M:%SZ} ({kind})")


def _parsed(moment: str) -> datetime:
    try:
        found = datetime.fromisoformat(moment)
    except ValueError:
        raise CommandError(f"{moment!r} is no time; write it as 2011-12-09T12:51:00Z, or `real`.") from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
