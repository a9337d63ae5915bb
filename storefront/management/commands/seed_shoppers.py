"""`manage.py seed_shoppers`: give a demo world a past of simulated shoppers."""

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from storefront.origin import OriginMixed
from storefront.progress import progress
from storefront.simulation.parameters import SHOPPERS, Parameters
from storefront.simulation.storing import SimulationRefused, seed_shoppers


class Command(BaseCommand):
    help = "Simulate shoppers with tastes over the days that end now; equal parameters write equal interactions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--size", choices=tuple(SHOPPERS), default="small", help="500 or 5,000 shoppers")
        parser.add_argument("--seed", type=int, default=1, help="another number, other shoppers (default 1)")
        parser.add_argument("--days", type=int, default=90, help="how many days of past, 2 to 730 (default 90)")

    def handle(self, *args: object, **options: object) -> None:  # noqa: ARG002
        size, seed, days = options["size"], options["seed"], options["days"]
        if not isinstance(days, int) or not 2 <= days <= 730:
            raise CommandError(f"--days is {days}; give a whole number from 2 to 730.")
        if not isinstance(seed, int) or not 0 <= seed < 2**63:
            raise CommandError(f"--seed is {seed}; give a whole number of at least 0.")
        parameters = Parameters(SHOPPERS[size], seed=seed, days=days)  # type: ignore[index]
        try:
            with progress("Shoppers") as report:
                seeded = seed_shoppers(parameters, ends_at=settings.CLOCK.now(), report=report)
        except (SimulationRefused, OriginMixed, ValueError) as refusal:
            raise CommandError(str(refusal)) from refusal
        if seeded is None:
            self.stdout.write(f"Nothing to do: this world holds these {parameters.n_shoppers:,} shoppers already.")
            return
        self.stdout.write(
            f"Simulated {parameters.n_shoppers:,} shoppers: {seeded.n_new:,} interactions over {days} days, "
            f"{seeded.repeat_share:.0%} of the views of something viewed before."
        )
        self.stdout.write(", ".join(f"{count:,} {name}" for name, count in seeded.counts.items()))
