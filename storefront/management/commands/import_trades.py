"""`manage.py import_trades FILE`: real sales into a world of their own, as the price history of its products."""

from argparse import ArgumentParser, BooleanOptionalAction
from dataclasses import replace
from typing import Any, get_args

from django.conf import settings

from catalog.money import SYMBOLS
from recommendations import items
from storefront.imports.commands import ImportCommand, refusals_as_errors
from storefront.imports.trade_rows import COLUMNS, TradeOptions
from storefront.imports.trades import HousePrice, TradeReport, import_trades
from storefront.imports.world_clock import follow_data
from storefront.progress import progress
from storefront.world import world_file


class Command(ImportCommand):
    help = (
        "Import past sales from a CSV file, plain or .gz, one row a sale. Products that the catalogue lacks are made "
        "of what the file tells of them. Any bad row refuses the whole file, unless --skip-bad; importing a file "
        "again adds nothing, and an import that was broken off goes on."
    )
    columns = COLUMNS

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--default-category", default="Sneakers", help="where none is named (default Sneakers)")
        parser.add_argument("--default-brand", default="House", help="where the file names none (default House)")
        parser.add_argument("--size-prefix", default="", metavar="TEXT", help='before sizes that are numbers, as "US "')
        parser.add_argument("--currency", choices=sorted(SYMBOLS), help="what this world's prices are in")
        parser.add_argument(
            "--house-price",
            choices=get_args(HousePrice),
            default="last-sale",
            help="what the house asks for products that came with their sales, so that one can buy them",
        )
        parser.add_argument(
            "--set-clock",
            action=BooleanOptionalAction,
            default=None,
            help="set the world's now just after the data's end; by default only where nobody has and the data is old",
        )

    def handle(self, *args: object, **options: Any) -> None:  # noqa: ARG002
        chosen = TradeOptions(
            columns=self.chosen_columns(options),
            latest=None if options["set_clock"] else settings.CLOCK.now(),
            default_category=options["default_category"],
            default_brand=options["default_brand"],
            size_prefix=options["size_prefix"],
            skips_bad=options["skip_bad"],
        )
        with refusals_as_errors(), progress("Trades") as report:
            done = import_trades(options["file"], chosen, house_price=options["house_price"], report=report)
        items.forget_availability()
        self._save_currency(options["currency"])
        self._tell(done)
        said = follow_data(settings.CLOCK, done.newest_at, wanted=options["set_clock"])
        if said:
            self.stdout.write(said)

    def _save_currency(self, currency: str | None) -> None:
        held = world_file().load()
        if currency and currency != held.currency:
            world_file().save(replace(held, currency=currency))

    def _tell(self, done: TradeReport) -> None:
        rows = [
            ("new", [done.n_new_trades]),
            ("in the shop already", [done.n_held]),
            ("bad rows, left out", [len(done.faults)]),
            ("rows in the file", [done.n_rows]),
        ]
        self.tell(done.faults, ["sales"], rows)
        self.stdout.write(f"{done.n_new_products:,} products are new.")
