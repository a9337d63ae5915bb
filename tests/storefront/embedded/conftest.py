"""Worlds of their own for tests that start and kill servers, and commands beside the test's own process."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from storefront.embedded import Servers

CHECKOUT = Path(__file__).parents[3]
HOLDER = """
import sys
from pathlib import Path
from storefront.embedded import ensure_running
with ensure_running(Path(sys.argv[1])) as servers:
    print(servers.database_url, flush=True)
    sys.stdin.readline()
"""

Holder = subprocess.Popen[str]


@pytest.fixture(scope="session", autouse=True)
def servers() -> None:
    """Stand in for the whole suite's servers, which these tests have no use for."""


@pytest.fixture
def world_dir(tmp_path: Path) -> Iterator[Path]:
    top = tmp_path / "var" / "test"
    yield top
    for pid in processes_of(top):
        os.kill(pid, signal.SIGKILL)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter, which pytest's own is not."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def hold() -> Iterator[Callable[[Path], Holder]]:
    """Start another command that uses a world's servers until it reads a line."""
    started: list[Holder] = []

    def start(world_dir: Path) -> Holder:
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(world_dir)],
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(holder)
        return holder

    yield start
    for holder in started:
        holder.kill()
        holder.communicate()


def wait_for_start(holder: Holder) -> None:
    assert holder.stdout is not None
    assert holder.stdout.readline().startswith("postgresql://")


def finish(holder: Holder) -> None:
    _, errors = holder.communicate("\n", timeout=120)
    assert holder.returncode == 0, errors


def processes_of(world_dir: Path) -> list[int]:
    """Every live process that works in a world's folders: servers and their children alike."""
    if not Path("/proc/self").exists():
        listed = subprocess.run(["ps", "-axo", "pid=,command="], capture_output=True, text=True, check=True).stdout
        return [int(line.split()[0]) for line in listed.splitlines() if str(world_dir) in line]
    numbered = [entry for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [int(entry.name) for entry in numbered if _works_in(entry, world_dir)]


def _works_in(process: Path, world_dir: Path) -> bool:
    try:
        folder = (process / "cwd").readlink()
    except OSError:
        return False
    return folder.is_relative_to(world_dir)


def write(servers: Servers, value: int) -> None:
    with psycopg.connect(servers.database_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (value int)")
        connection.execute("INSERT INTO kept VALUES (%s)", [value])


def read(servers: Servers) -> list[int]:
    with psycopg.connect(servers.database_url) as connection:
        return [row[0] for row in connection.execute("SELECT value FROM kept ORDER BY value").fetchall()]


def pid_of(world_dir: Path, server: str) -> int:
    place = {"postgres": "postgres/postmaster.pid", "valkey": "run/valkey.pid"}[server]
    return int((world_dir / place).read_text().split()[0])
