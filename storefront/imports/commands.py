"""What the import commands share: columns as options, a world's first migration, refusals as errors."""

from argparse import ArgumentParser
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from storefront.imports.faults import Faults, ImportRefused
from storefront.imports.files import Column
from storefront.origin import OriginMixed


def add_columns(parser: ArgumentParser, columns: Mapping[str, Column]) -> None:
    """One option a column; its default is Amazon Personalize's name."""
    for key, column in columns.items():
        must = "must be there" if column.is_required else "may be missing"
        parser.add_argument(
            column.option, dest=f"column_{key}", metavar="COLUMN", help=f"default {column.default}; {must}"
        )


def chosen_columns(columns: Mapping[str, Column], options: Mapping[str, Any]) -> dict[str, Column]:
    """The columns under the names that the options give."""
    return {key: replace(column, given=options[f"column_{key}"]) for key, column in columns.items()}


def prepare_schema(command: BaseCommand) -> None:
    """Make a new world's tables; an old world whose tables are behind is left for `migrate`.

    Raises:
        CommandError: migrations are missing in a world that has some.
    """
    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return
    if executor.loader.applied_migrations:
        raise CommandError("This world's tables are behind the code: run manage.py migrate, then import.")
    command.stdout.write("A new world: making its tables.")
    call_command("migrate", verbosity=0, interactive=False)


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
