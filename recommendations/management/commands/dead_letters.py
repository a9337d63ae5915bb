"""Shows the events that were given up on; sends them again once the cause is mended, or lets them go."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from redis.exceptions import RedisError

from recommendations.events.dead_letters import DeadLetters
from recommendations.exceptions import StreamUnavailable


class Command(BaseCommand):
    help = "Entries of the event stream that a consumer group gave up on: by group and reason, oldest first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_mutually_exclusive_group()
        acts.add_argument("--send-again", action="store_true", help="put them back on the stream; none is stored twice")
        acts.add_argument("--discard", action="store_true", help="remove them for good")

    def handle(self, *_args: Any, send_again: bool, discard: bool, **_options: Any) -> None:
        letters = DeadLetters.of_settings()
        try:
            self._show(letters)
            if send_again:
                self.stdout.write(f"{letters.send_again():,} sent again.")
            elif discard:
                self.stdout.write(f"{letters.discard():,} removed.")
        except (StreamUnavailable, RedisError, OSError) as error:
            raise CommandError(f"The event stream is out of reach: {error}. What was not moved stays.") from error

    def _show(self, letters: DeadLetters) -> None:
        reasons = Counter((letter.group, letter.reason) for letter in letters)
        if not reasons:
            self.stdout.write("No event was given up on.")
        for (group, reason), n in reasons.most_common():
            self.stdout.write(f"{n:>7,}  {group}: {reason}")
