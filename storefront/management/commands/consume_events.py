"""Reads the event stream into store, trackers and shopper state, and relays the outbox, until told to stop."""

import signal
import threading
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand

from recommendations.alarms import standby
from recommendations.events import pulse, runner
from recommendations.events.stream import all_groups
from storefront.wiring import EVENT_HANDLERS


class Command(BaseCommand):
    help = "Read the event stream: a thread for each consumer group, and one that relays the outbox."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--group",
            action="append",
            choices=all_groups(),
            help="a consumer group to run; may be repeated (default: all of them)",
        )
        parser.add_argument("--drain", action="store_true", help="stop once nothing is left in outbox and stream")

    def handle(self, *_args: Any, **options: Any) -> None:
        groups = tuple(dict.fromkeys(options["group"] or all_groups()))
        self.stdout.write(f"Consuming events for {', '.join(groups)}.")
        with stopped_by_signals() as stop:
            if not options["drain"]:
                pulse.start()
                standby.start(stop)
            runner.run(groups, drain=options["drain"], stop=stop, more=EVENT_HANDLERS)


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """An event that a polite kill or Ctrl-C sets; the handlers before it come back afterwards."""
    stop = threading.Event()
    before = {name: signal.signal(name, lambda *_: stop.set()) for name in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)
