import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from storefront.embedded import ensure_running
from tests.storefront.embedded.conftest import Holder, pid_of, processes_of, read, write


def test_postgres_is_safe_small_and_off_the_network(world_dir: Path) -> None:
    with ensure_running(world_dir) as servers, psycopg.connect(servers.database_url) as connection:
        rows = connection.execute("SELECT name, setting FROM pg_settings").fetchall()
        encoding = connection.execute(
            "SELECT pg_encoding_to_char(encoding), datlocprovider::text, datlocale FROM pg_database "
            "WHERE datname = 'storefront'"
        ).fetchone()

    settings: dict[str, str] = dict(rows)
    expected = {"fsync": "on", "listen_addresses": "", "jit": "off", "max_connections": "100", "TimeZone": "UTC"}
    assert expected.items() <= settings.items()
    assert int(settings["shared_buffers"]) * 8192 == 128 * 1024 * 1024
    assert encoding == ("UTF8", "b", "C.UTF-8")


def test_postgres_has_the_extensions_and_reads_accents(world_dir: Path) -> None:
    with ensure_running(world_dir) as servers, psycopg.connect(servers.database_url) as connection:
        found = connection.execute(
            "SELECT unaccent('Zürich'), similarity('sneaker', 'sneakers') > .6, to_tsvector('Café Runners')::text"
        ).fetchone()
        connection.rollback()
        connection.autocommit = True
        connection.execute("CREATE DATABASE test_storefront")
        with psycopg.connect(servers.database_url, dbname="test_storefront") as test_connection:
            in_tests = test_connection.execute("SELECT unaccent('é')").fetchone()

    assert found == ("Zurich", True, "'café':1 'runner':2")
    assert in_tests == ("e",)


def test_postgres_killed_under_its_users_comes_back_with_all_rows(world_dir: Path) -> None:
    first = ensure_running(world_dir)
    write(first.servers, 1)
    # A session in the middle of its work outlives its postmaster for a moment.
    connection = psycopg.connect(first.servers.database_url)
    connection.execute("SELECT 1")
    os.kill(pid_of(world_dir, "postgres"), signal.SIGKILL)

    with ensure_running(world_dir) as servers:
        kept = read(servers)
    connection.close()
    first.release()

    assert kept == [1]
    assert processes_of(world_dir) == []


def test_postgres_starts_over_a_dead_postmasters_number_in_use_again(world_dir: Path) -> None:
    with ensure_running(world_dir) as servers:
        write(servers, 1)
    stranger = subprocess.Popen(["sleep", "60"])
    stale = [str(stranger.pid), str(world_dir / "postgres"), "1", "5432", str(world_dir / "run"), "", "1 1", "ready"]
    (world_dir / "postgres" / "postmaster.pid").write_text("\n".join(stale) + "\n")
    (world_dir / "run" / ".s.PGSQL.5432.lock").write_text("\n".join(stale) + "\n")

    with ensure_running(world_dir) as servers:
        kept = read(servers)
    is_stranger_alive = stranger.poll() is None
    stranger.kill()
    stranger.wait()

    assert kept == [1]
    assert is_stranger_alive


def test_postgres_data_folder_left_half_made_is_made_again(world_dir: Path) -> None:
    with ensure_running(world_dir):
        pass
    shutil.rmtree(world_dir / "postgres")
    half = world_dir / "postgres.partial" / "base"
    half.mkdir(parents=True)
    (half / "1").write_text("half")

    with ensure_running(world_dir) as servers:
        write(servers, 1)
        kept = read(servers)

    assert kept == [1]
    assert not (world_dir / "postgres.partial").exists()


def test_postgres_start_waits_for_an_initdb_whose_command_was_killed(
    world_dir: Path, hold: Callable[[Path], Holder]
) -> None:
    other = hold(world_dir)
    deadline = time.monotonic() + 60
    while not (world_dir / "postgres.partial" / "base").exists():
        assert time.monotonic() < deadline, "no folder is being made"
        time.sleep(0.002)
    other.kill()
    other.wait()
    was_half_made = not (world_dir / "postgres").exists()

    with ensure_running(world_dir) as servers:
        write(servers, 1)
        kept = read(servers)

    assert was_half_made
    assert kept == [1]
    assert not (world_dir / "postgres.partial").exists()


def test_postgres_database_missing_after_a_crash_is_made(world_dir: Path) -> None:
    with (
        ensure_running(world_dir) as servers,
        psycopg.connect(servers.database_url, dbname="postgres", autocommit=True) as connection,
    ):
        connection.execute("DROP DATABASE storefront")

    with ensure_running(world_dir) as servers:
        write(servers, 1)
        kept = read(servers)

    assert kept == [1]
