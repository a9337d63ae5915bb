"""Writes docs/personalize-compatibility.md from the code."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from recommendations.server.compatibility import write_page

PAGE = Path("docs/personalize-compatibility.md")


class Command(BaseCommand):
    help = f"Write {PAGE}: which of Amazon Personalize's operations are answered here, and how answers differ."
    requires_system_checks = []

    def handle(self, **_: Any) -> None:
        (Path(settings.BASE_DIR) / PAGE).write_text(write_page())
        self.stdout.write(f"Wrote {PAGE}.")
