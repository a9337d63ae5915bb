"""Brings the wire server's resources on their way, or trains what waits, until told to stop."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from recommendations.server.working import advance_until, train_until


class Command(BaseCommand):
    help = "What `manage.py personalize` runs beside its web server: resources on their way, and trainings."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["resources", "trainings"], help="which of the two")

    def handle(self, *_args: Any, **options: Any) -> None:
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        (advance_until if options["what"] == "resources" else train_until)(stop)
