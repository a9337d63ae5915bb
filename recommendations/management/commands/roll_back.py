"""Make the side of a rotation that was live before live again."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from recommendations.exceptions import InvalidInput, SwapRefused
from recommendations.management.actors import command_actor
from recommendations.pipeline.control import roll_back, rollback_until
from recommendations.serving.live import POINTER_TTL_S


class Command(BaseCommand):
    help = "Make the side that was live before live again, as long as it is kept; every process follows in seconds."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("rotation", metavar="ROTATION", help="key of the rotation, such as home")
        parser.add_argument("--reason", required=True, help="why, for the audit")

    def handle(self, *_args: Any, rotation: str, reason: str, **_options: Any) -> None:
        try:
            swap = roll_back(rotation, actor=command_actor(), reason=reason)
            until = rollback_until(rotation)
        except (InvalidInput, SwapRefused) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{rotation} is live on {swap.to_colour} again, everywhere within {POINTER_TTL_S:.0f} s.")
        if until is not None:
            self.stdout.write(
                f"The {swap.from_colour} side is kept until {until:%Y-%m-%d %H:%M} UTC by the world's clock."
            )
