"""`manage.py seed_market`: give a demo world past trades and standing bids and asks."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from recommendations import items
from storefront.origin import OriginMixed
from storefront.progress import progress
from storefront.simulation.market.parameters import MarketParameters
from storefront.simulation.market.seeding import seed_market


class Command(BaseCommand):
    help = "Simulate two years of trades that end now, and the bids and asks that stand; once a world."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=1, help="another number, another past (default 1)")
        parser.add_argument("--weeks", type=int, default=104, help="how many weeks of past, 1 to 520 (default 104)")

    def handle(self, *args: object, **options: Any) -> None:  # noqa: ARG002
        seed, weeks = options["seed"], options["weeks"]
        if not 1 <= weeks <= 520:
            raise CommandError(f"--weeks is {weeks}; give a whole number from 1 to 520.")
        if not 0 <= seed < 2**63:
            raise CommandError(f"--seed is {seed}; give a whole number of at least 0.")
        try:
            with progress("Market") as report:
                seeded = seed_market(
                    MarketParameters(seed=seed, weeks=weeks), ends_at=settings.CLOCK.now(), report=report
                )
        except (OriginMixed, ValueError) as refusal:
            raise CommandError(str(refusal)) from refusal
        items.forget_availability()
        if seeded is None:
            self.stdout.write("Nothing to do: this world has a simulated past of trades already.")
            return
        self.stdout.write(
            f"Simulated {seeded.n_trades:,} trades over {weeks} weeks, {seeded.n_bids:,} standing bids and "
            f"{seeded.n_asks:,} asks."
        )
