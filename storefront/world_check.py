"""Sees that a command finds a sound world: its files readable, its tables made where it is new."""

import sys

import django
from django.conf import settings
from django.core.management import call_command, get_commands
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from storefront.world_file import WorldFault

ROOMS = frozenset({"catalog", "recommendations", "experiments", "storefront"})
# It mends what this check refuses.
UNCHECKED = frozenset({"set_clock"})


class WorldNotReady(Exception):
    """The command cannot run in this world; the message says why and what to do."""


def prepare_world(command: str) -> None:
    """Check the world that one of the project's own commands is about to use; a new one gets its tables.

    Django's own commands, such as `migrate` and `check`, see to themselves.

    Raises:
        WorldNotReady: a file of the world is damaged, the database is away, or its tables are behind the code or, in
            production, missing.
    """
    django.setup()
    if command in UNCHECKED or get_commands().get(command) not in ROOMS:
        return
    # Models may be imported only now.
    from storefront.world import world_file

    try:
        settings.CLOCK.check()
        world_file().load()
        _prepare_tables()
    except WorldFault as fault:
        raise WorldNotReady(str(fault)) from fault
    except OperationalError as error:
        raise WorldNotReady(
            f"The database is away: {str(error).strip()}\nStart it, or correct DATABASE_URL."
        ) from error


def _prepare_tables() -> None:
    if not _is_behind():
        return
    from storefront.world_setup import one_at_a_time

    # Of two first commands the later one waits, and finds the tables made.
    with one_at_a_time():
        if not _is_behind():
            return
        if MigrationExecutor(connection).recorder.has_table():
            raise WorldNotReady("This world's tables are behind the code: run manage.py migrate first.")
        if settings.PRODUCTION:
            raise WorldNotReady("This database has no tables yet: run manage.py migrate first.")
        # What a command prints may be read by a program.
        sys.stderr.write("A new world: making its tables.\n")
        call_command("migrate", verbosity=0, interactive=False)


def _is_behind() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
