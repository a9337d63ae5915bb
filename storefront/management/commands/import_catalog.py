"""`manage.py import_catalog FILE`: a real shop's products into a world of their own."""

from argparse import ArgumentParser
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from catalog.money import SYMBOLS
from storefront.imports.catalogue import CatalogueReport, import_catalogue
from storefront.imports.catalogue_rows import COLUMNS, CatalogueOptions
from storefront.imports.commands import ImportCommand, refusals_as_errors
from storefront.progress import progress
from storefront.world import world_file


class Command(ImportCommand):
    help = (
        "Import products from a CSV file, plain or .gz. The house sells each at the file's price. "
        "Any bad row refuses the whole file, unless --skip-bad; importing a file again changes nothing."
    )
    columns = COLUMNS

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--default-category", default="Gifts", help="where the file names none (default Gifts)")
        parser.add_argument("--default-brand", default="House", help="where the file names none (default House)")
        parser.add_argument("--currency", choices=sorted(SYMBOLS), help="what this world's prices are in")
        parser.add_argument("--exclude-names", default="", metavar="A,B", help="fee lines: kept, but never shown")
        parser.add_argument("--exclude-names-file", type=Path, metavar="FILE", help="the same, one name a line")

    def handle(self, *args: object, **options: Any) -> None:  # noqa: ARG002
        chosen = CatalogueOptions(
            columns=self.chosen_columns(options),
            default_category=options["default_category"],
            default_brand=options["default_brand"],
            excluded_names=_excluded_names(options["exclude_names"], options["exclude_names_file"]),
            skips_bad=options["skip_bad"],
        )
        with refusals_as_errors(), progress("Catalogue") as report:
            done = import_catalogue(options["file"], chosen, at=settings.CLOCK.now(), report=report)
        self._save_world(options["currency"])
        self._tell(done)

    def _save_world(self, currency: str | None) -> None:
        """Give the world its currency, and a name for the page's header, if it has none yet."""
        held = world_file().load()
        name = held.name or settings.ENVIRONMENT.world.replace("_", " ").replace("-", " ").title()
        world = replace(held, currency=currency or held.currency, name=name)
        if world != held:
            world_file().save(world)

    def _tell(self, done: CatalogueReport) -> None:
        self.stdout.write(f"Products: {done.n_new:,} new, {done.n_changed:,} changed, {done.n_unchanged:,} as before.")
        rows = [
            ("for sale", [done.n_listed]),
            ("fee lines, never shown", [done.n_fee_lines]),
            ("without a price, never shown", [done.n_without_price]),
            ("bad rows, left out", [len(done.faults)]),
            ("rows in the file", [done.n_rows]),
        ]
        self.tell(done.faults, ["items"], rows)
        if done.unused_names:
            self.stdout.write(f"No item is named {', '.join(done.unused_names)}: excluded in vain.")


def _excluded_names(listed: str, file: Path | None) -> frozenset[str]:
    names = listed.split(",")
    if file is not None:
        try:
            names += file.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise CommandError(
                f"--exclude-names-file {file}: {error.strerror}. Give a file of one name a line."
            ) from error
    return frozenset(name.strip() for name in names if name.strip())
