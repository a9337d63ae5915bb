"""`manage.py drive_shoppers`: simulated shoppers use the running shop through HTTP, at a steady rate."""

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from storefront.origin import OriginMixed
from storefront.progress import progress
from storefront.simulation.driving.connection import AddressRefused, Target
from storefront.simulation.driving.drive import DriveRefused, Plan, drive
from storefront.simulation.driving.plants import Plant, PlantRefused
from storefront.simulation.driving.report import print_report

RATES = (0.1, 500.0)
MOST_PAGE_VIEWS = 500_000
MOST_SHOPPERS = 10_000


class Command(BaseCommand):
    help = "Let simulated shoppers browse, search, watch, sign up and buy in the running shop; Ctrl-C ends it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        environment = settings.ENVIRONMENT
        parser.add_argument("--rate", type=float, default=5.0, help="page views a second (default 5)")
        parser.add_argument("--minutes", type=float, default=1.0, help="for how long (default 1)")
        parser.add_argument("--shoppers", type=int, help="how many browse at a time (default 4 a page view a second)")
        parser.add_argument("--seed", type=int, default=1, help="another number, other whims (default 1)")
        parser.add_argument(
            "--url",
            default=f"http://{environment.host}:{environment.port}",
            help="the running shop of this world, on this machine (default %(default)s)",
        )
        parser.add_argument(
            "--plant",
            action="append",
            default=[],
            metavar="METRIC=EFFECT[@VARIATION]",
            help="shoppers click so much more readily where the page shows the variation (default treatment): "
            "row_ctr=0.2 on the experiment's row, page_ctr=0.2 on the whole homepage; repeatable",
        )
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, **options: Any) -> None:
        plan = _plan(options)
        try:
            with progress("Driving") as report:
                found = drive(Target.of(options["url"]), plan, now=settings.CLOCK.now, report=report)
        except (AddressRefused, DriveRefused, OriginMixed, ValueError) as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["json"]:
            self.stdout.write(json.dumps(found.as_json()))
        else:
            print_report(found, Console(file=self.stdout, width=120))  # type: ignore[arg-type]


def _plan(options: dict[str, Any]) -> Plan:
    rate, minutes, shoppers, seed = options["rate"], options["minutes"], options["shoppers"], options["seed"]
    if not RATES[0] <= rate <= RATES[1]:
        raise CommandError(f"--rate is {rate:g}; give {RATES[0]:g} to {RATES[1]:g} page views a second.")
    if not 0 < rate * minutes * 60 <= MOST_PAGE_VIEWS:
        longest = MOST_PAGE_VIEWS / rate / 60
        raise CommandError(f"--minutes is {minutes:g}; at this rate give more than 0 and at most {longest:.0f}.")
    if shoppers is not None and not max(16, rate) <= shoppers <= MOST_SHOPPERS:
        fewest = max(16, round(rate))
        raise CommandError(f"--shoppers is {shoppers}; give {fewest} to {MOST_SHOPPERS}: each shows a page at a time.")
    if seed < 0:
        raise CommandError(f"--seed is {seed}; give a whole number of at least 0.")
    try:
        plants = tuple(Plant.parse(text) for text in options["plant"])
    except PlantRefused as refusal:
        raise CommandError(str(refusal)) from refusal
    return Plan(rate=rate, seconds=60 * minutes, seed=seed, shoppers=shoppers, plants=plants)
