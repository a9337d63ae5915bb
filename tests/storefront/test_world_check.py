"""A command finds a sound world, or says in one sentence why not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from pytest_django import Settings

from storefront.clock import Clock
from storefront.world_check import WorldNotReady, prepare_world
from tests.running_shop import PROJECT, free_port

OURS = ["retrain", "evaluate", "roll_back", "shopper_login", "ramp", "seed_catalog", "seed_shoppers"]
OURS += ["drive_shoppers", "consume_events", "import_catalog", "import_interactions"]


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env={**inherited, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(autouse=True)
def world_dir(tmp_path: Path, settings: Settings) -> Path:
    settings.WORLD_DIR = tmp_path
    settings.CLOCK = Clock(tmp_path / "clock.json")
    return tmp_path


def drop_tables_record() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE django_migrations")


def test_command_in_a_new_world_makes_its_tables_and_goes_on(tmp_path: Path) -> None:
    world = {"VAR_DIR": str(tmp_path / "var"), "WORLD": "new"}

    first = manage("shopper_login", "nobody", **world)
    second = manage("shopper_login", "nobody", **world)

    assert first.stderr.splitlines()[0] == "A new world: making its tables."
    assert "Traceback" not in first.stderr + second.stderr
    assert second.stderr == first.stderr.partition("\n")[2]


@pytest.mark.parametrize("command", OURS)
@pytest.mark.django_db
def test_command_in_production_makes_no_tables_and_names_migrate(settings: Settings, command: str) -> None:
    settings.PRODUCTION = True
    drop_tables_record()

    with pytest.raises(WorldNotReady, match=r"no tables yet: run manage\.py migrate"):
        prepare_world(command)

    assert "django_migrations" not in connection.introspection.table_names()


@pytest.mark.django_db
def test_command_whose_tables_are_behind_names_migrate() -> None:
    MigrationRecorder.Migration.objects.filter(app="recommendations").delete()

    with pytest.raises(WorldNotReady, match=r"behind the code: run manage\.py migrate"):
        prepare_world("retrain")


@pytest.mark.parametrize("command", ["migrate", "check", "set_clock", "no_such_command"])
@pytest.mark.django_db
def test_command_that_needs_no_tables_is_left_alone(command: str) -> None:
    drop_tables_record()
    settings.CLOCK.reset()

    prepare_world(command)

    assert "django_migrations" not in connection.introspection.table_names()


@pytest.mark.parametrize("name", ["clock.json", "world.json"])
def test_command_in_a_world_with_a_damaged_file_names_it(world_dir: Path, name: str) -> None:
    (world_dir / name).write_text("{")

    with pytest.raises(WorldNotReady, match=rf"{name}: must be a JSON object"):
        prepare_world("retrain")


@pytest.mark.parametrize("command", ["retrain", "ramp"])
def test_command_without_its_database_says_so_in_one_message(command: str) -> None:
    dead = free_port()

    done = manage(
        command, DATABASE_URL=f"postgresql://shop:secret@127.0.0.1:{dead}/shop", REDIS_URL=f"redis://127.0.0.1:{dead}"
    )

    assert done.returncode == 1
    assert done.stderr.startswith("The database is away:")
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr
