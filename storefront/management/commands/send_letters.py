"""`manage.py send_letters`: send mail about orders now, and tell what waits and what failed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from storefront.letters.models import FAILED, OWED, Letter
from storefront.letters.sending import hurry_letters, send_letters
from storefront.letters.writing import write_letters

# Listed at most; the rest is told as a number.
LISTED = 100


class Command(BaseCommand):
    help = "Send what mail about orders waits, whenever it was to be tried again, and tell which letters failed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--list", action="store_true", help="only tell what waits and what failed; send nothing")

    def handle(self, **options: Any) -> None:
        if not options["list"]:
            write_letters()
            hurry_letters()
            self.stdout.write(f"{self._send():,} sent.")
        waiting = Letter.objects.filter(status__in=OWED)
        self.stdout.write(f"{waiting.count():,} wait.")
        failed = Letter.objects.filter(status__in=FAILED).order_by("-try_at", "-pk")
        self.stdout.write(f"{failed.count():,} were refused or may not have arrived.")
        for letter in failed.select_related("step", "account")[:LISTED]:
            tried = f"{letter.n_tries} attempts, the last {letter.try_at:%Y-%m-%d %H:%M} UTC"
            self.stdout.write(f"Order {letter.step.order_id}, to {letter.account}: {letter.status}; {tried}.")

    def _send(self) -> int:
        try:
            return send_letters()
        except OSError as error:
            raise CommandError(
                f"The mail server cannot be reached: {error}. See whether EMAIL_URL names the right one; letters wait."
            ) from error
