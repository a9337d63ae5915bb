"""What the import commands share: columns as options, refusals as errors, what they tell."""

from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from storefront.imports.faults import Faults, ImportRefused
from storefront.imports.files import Column
from storefront.origin import OriginMixed


class ImportCommand(BaseCommand):
    """A command that reads one CSV file whole or not at all; each kind names its `columns`."""

    columns: Mapping[str, Column]
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, one option a column (its default is Amazon Personalize's name), and what becomes of bad rows."""
        parser.add_argument("file", type=Path)
        for key, column in self.columns.items():
            must = "must be there" if column.is_required else "may be missing"
            parser.add_argument(
                column.option, dest=f"column_{key}", metavar="COLUMN", help=f"default {column.default}; {must}"
            )
        parser.add_argument("--skip-bad", action="store_true", help="import the good rows, report the others")

    def chosen_columns(self, options: Mapping[str, Any]) -> dict[str, Column]:
        """The columns under the names that the options give."""
        return {key: replace(column, given=options[f"column_{key}"]) for key, column in self.columns.items()}

    def tell(self, faults: Faults, head: Sequence[str], rows: Sequence[tuple[str, Sequence[int | None]]]) -> None:
        """Print which rows were left out and why, then where every row went."""
        if faults:
            self.stdout.write(describe_faults(faults))
        self.stdout.write(table_of(head, rows))


@contextmanager
def refusals_as_errors() -> Iterator[None]:
    """What an import refuses ends the command with its message, not with a traceback.

    Raises:
        CommandError: the import was refused.
    """
    try:
        yield
    except (ImportRefused, OriginMixed) as refusal:
        raise CommandError(str(refusal)) from refusal


def table_of(head: Sequence[str], rows: Sequence[tuple[str, Sequence[int | None]]]) -> str:
    """Rows of counts under a head, aligned; None is left blank."""
    cells = [["", *head], *([name, *("" if n is None else f"{n:,}" for n in counts)] for name, counts in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = (
        f"  {row[0]:<{widths[0]}}  "
        + "  ".join(f"{cell:>{width}}" for cell, width in zip(row[1:], widths[1:], strict=True))
        for row in cells
    )
    return "\n".join(line.rstrip() for line in lines)


def describe_faults(faults: Faults) -> str:
    """The rows that --skip-bad left out, by reason, and the first of them."""
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in faults.by_reason.most_common())
    return "\n".join([f"Left out {len(faults):,} bad rows: {reasons}.", *(f"  {fault}" for fault in faults.first)])
