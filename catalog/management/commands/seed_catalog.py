"""`manage.py seed_catalog`: fill an empty shop with an invented, reproducible catalogue."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from catalog.conf import now
from catalog.exceptions import SeedRefused
from catalog.generation.catalogue import SIZES, Size, generate_catalogue
from catalog.seeding import seed_catalogue


class Command(BaseCommand):
    help = "Fill an empty shop with an invented catalogue; the same size and seed give the same products."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--size", choices=SIZES, default="small", help="about 600, 3,000 or 31,000 products")
        parser.add_argument("--seed", type=int, default=7, help="another number, another catalogue (default 7)")
        parser.add_argument("--add", action="store_true", help="add what is missing to a shop that holds products")

    def handle(self, *, size: Size, seed: int, add: bool, **_: Any) -> None:
        at = now()
        catalogue = generate_catalogue(size, seed, at.date())
        try:
            with _progress(len(catalogue.products)) as on_progress:
                result = seed_catalogue(catalogue, is_adding=add, at=at, on_progress=on_progress)
        except SeedRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        if not result.n_written:
            self.stdout.write(f"Nothing to do: all {result.n_present:,} products are in the shop.")
            return
        self.stdout.write(f"Wrote {result.n_written:,} products ({result.n_present:,} were there before).")


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """A bar on a terminal; elsewhere nothing, so that logs hold the command's own lines only."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("Products", total=total)
        yield lambda count: progress.advance(task, count)
