import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from storefront.embedded import Lease, addresses, ensure_running
from storefront.embedded.daemons import has_ended
from storefront.embedded.errors import DiskFull
from storefront.embedded.leases import _daemons, _explained
from tests.storefront.embedded.conftest import Holder, finish, pid_of, processes_of, read, wait_for_start, write


def dead_children() -> list[int]:
    """Children of this process that ended and that nobody has waited for."""
    states = [stat.read_text().rpartition(")")[2].split() for stat in Path("/proc").glob("[0-9]*/stat")]
    return [int(parent) for state, parent, *_ in states if state == "Z" and int(parent) == os.getpid()]


def test_lease_starts_both_servers_and_leaves_no_process(world_dir: Path) -> None:
    said: list[str] = []

    with ensure_running(world_dir, progress=said.append) as servers:
        write(servers, 1)
        assert servers.valkey_socket.is_socket()
        assert len(processes_of(world_dir)) >= 2

    assert said == ["Starting Valkey", "Creating the database", "Starting PostgreSQL"]
    assert processes_of(world_dir) == []
    assert dead_children() == []


def test_lease_keeps_the_data_over_a_restart(world_dir: Path) -> None:
    with ensure_running(world_dir) as servers:
        write(servers, 1)

    with ensure_running(world_dir) as servers:
        kept = read(servers)

    assert kept == [1]


def test_lease_knows_its_addresses_before_the_start(world_dir: Path) -> None:
    foretold = addresses(world_dir)
    made = world_dir.exists()

    with ensure_running(world_dir) as servers:
        found = servers

    assert foretold == found
    assert not made


def test_lease_beside_a_running_command_shares_and_spares_its_servers(
    world_dir: Path, hold: Callable[[Path], Holder]
) -> None:
    other = hold(world_dir)
    wait_for_start(other)
    postmaster = pid_of(world_dir, "postgres")

    with ensure_running(world_dir) as servers:
        shared = pid_of(world_dir, "postgres")
    write(servers, 1)
    finish(other)

    assert shared == postmaster
    assert processes_of(world_dir) == []


def test_lease_outlives_the_command_that_started_the_servers(world_dir: Path, hold: Callable[[Path], Holder]) -> None:
    other = hold(world_dir)
    wait_for_start(other)

    with ensure_running(world_dir) as servers:
        finish(other)
        write(servers, 1)
        kept = read(servers)

    assert kept == [1]
    assert processes_of(world_dir) == []


def test_leases_taken_at_once_start_one_pair_of_servers(world_dir: Path, hold: Callable[[Path], Holder]) -> None:
    others = [hold(world_dir) for _ in range(3)]

    for other in others:
        wait_for_start(other)
    starts = (world_dir / "log" / "postgres.log").read_text().count("starting PostgreSQL")
    for other in others:
        finish(other)

    assert starts == 1
    assert processes_of(world_dir) == []


def test_lease_adopts_servers_whose_holder_was_killed(world_dir: Path, hold: Callable[[Path], Holder]) -> None:
    other = hold(world_dir)
    wait_for_start(other)
    postmaster = pid_of(world_dir, "postgres")
    other.kill()
    other.wait()

    with ensure_running(world_dir) as servers:
        adopted = pid_of(world_dir, "postgres")
        write(servers, 1)

    assert adopted == postmaster
    assert processes_of(world_dir) == []


def test_lease_is_void_in_a_forked_child(world_dir: Path) -> None:
    lease = ensure_running(world_dir)
    go_on, wait = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(wait)
        lease.release()
        os.read(go_on, 1)
        os._exit(0)

    write(lease.servers, 1)
    lease.release()
    left = processes_of(world_dir)

    os.close(wait)
    os.waitpid(child, 0)
    os.close(go_on)
    assert left == []


def test_lease_released_twice_stops_once(world_dir: Path) -> None:
    lease = ensure_running(world_dir)

    lease.release()
    lease.release()

    assert processes_of(world_dir) == []


def test_servers_do_not_get_the_terminals_interrupt(world_dir: Path) -> None:
    with ensure_running(world_dir):
        sessions = {os.getsid(pid_of(world_dir, server)) for server in ("postgres", "valkey")}

    assert os.getsid(0) not in sessions


def test_interrupt_while_starting_leaves_no_process(world_dir: Path) -> None:
    def interrupt(step: str) -> None:
        if step == "Starting PostgreSQL":
            threading.Timer(0.03, os.kill, (os.getpid(), signal.SIGINT)).start()

    with pytest.raises(KeyboardInterrupt), ensure_running(world_dir, progress=interrupt):
        signal.pause()

    assert processes_of(world_dir) == []


def test_lease_fails_with_the_servers_own_words_and_leaves_nothing(world_dir: Path) -> None:
    with ensure_running(world_dir):
        pass
    (world_dir / "postgres" / "PG_VERSION").write_text("9\n")

    with pytest.raises(Exception, match=r"(?s)PostgreSQL ended while starting.*DATABASE_URL.*incompatible with server"):
        ensure_running(world_dir)

    assert processes_of(world_dir) == []


def test_full_disk_is_named(world_dir: Path) -> None:
    with pytest.raises(DiskFull, match="no space is left"), _explained(world_dir):
        Path("/dev/full").write_text("x")


def test_database_is_reachable_whatever_the_shell_exports(world_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "6000")
    monkeypatch.setenv("PGHOST", "/nowhere")

    with ensure_running(world_dir) as servers, psycopg.connect(servers.database_url) as connection:
        row = connection.execute("SELECT current_database(), current_user").fetchone()

    assert row == ("storefront", "storefront")


def test_lease_mends_what_was_killed_and_keeps_its_data(world_dir: Path) -> None:
    lease = ensure_running(world_dir)
    with lease as servers:
        write(servers, 1)
        nothing_to_do = lease.mend()
        for name in ("postgres", "valkey"):
            os.kill(pid_of(world_dir, name), signal.SIGKILL)
        wait_until_ended(lease)

        mended = lease.mend()
        kept = read(servers)

    assert nothing_to_do == []
    assert sorted(mended) == ["PostgreSQL", "Valkey"]
    assert kept == [1]
    assert lease.mend() == []
    assert processes_of(world_dir) == []
    assert dead_children() == []


def wait_until_ended(lease: Lease) -> None:
    # A process has left its folder a moment before the kernel frees its locks.
    deadline = time.monotonic() + 60
    while not all(has_ended(daemon) for daemon in _daemons(lease._world)):
        assert time.monotonic() < deadline, "the killed servers left processes behind"
        time.sleep(0.02)
