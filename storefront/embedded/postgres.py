"""The bundled PostgreSQL: its data folder, its settings, its database."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from storefront.embedded.accounts import Account
from storefront.embedded.daemons import Report, failure
from storefront.embedded.errors import ServerNotRunnable
from storefront.embedded.locks import FileLock
from storefront.embedded.spawning import SERVER_ENVIRONMENT
from storefront.embedded.wheels import postgres_program
from storefront.embedded.world import World

PORT = 5432
ROLE = DATABASE = "storefront"
EXTENSIONS = ("pg_trgm", "unaccent")
INITDB_OPTIONS = (
    f"--username={ROLE}",
    # The socket's folder admits its owner only, and nothing listens elsewhere.
    "--auth-local=trust",
    "--auth-host=reject",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    # The C library's part: text search asks it which characters are letters. macOS has no C.UTF-8.
    "--locale=C",
    f"--lc-ctype={'en_US.UTF-8' if sys.platform == 'darwin' else 'C.UTF-8'}",
    "--text-search-config=english",
)
SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "fsync": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
}


@dataclass(frozen=True, slots=True)
class Postgres:
    """PostgreSQL of one world."""

    world: World
    name: str = field(default="PostgreSQL", init=False)
    # Fast, immediate, and the kernel's own; children end with their postmaster.
    stop_signals: Sequence[tuple[signal.Signals, float]] = field(
        default=((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)), init=False
    )

    @property
    def account(self) -> Account:
        return self.world.account

    @property
    def lock_path(self) -> Path:
        return self.world.run_dir / "postgres.lock"

    @property
    def log(self) -> Path:
        return self.world.log_dir / "postgres.log"

    @property
    def url(self) -> str:
        # The port is spelt out, or libpq would take it from a PGPORT of the caller's shell.
        return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(self.world.socket_dir))}&port={PORT}"

    def prepare(self, lock: FileLock, report: Report) -> None:
        if self.world.postgres_dir.exists():
            self.account.give_tree(self.world.postgres_dir)
            self._forget_dead_postmaster()
        else:
            report("Creating the database")
            self._create_data(lock)

    def command(self) -> list[str]:
        settings = SETTINGS | {"unix_socket_directories": str(self.world.socket_dir)}
        options = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        data = self.world.postgres_dir
        return self.account.command([postgres_program("postgres"), "-D", data, *options], reaching=self._reaching(data))

    def is_ready(self) -> bool:
        try:
            with self._connect("postgres") as connection:
                row = connection.execute(
                    "SELECT current_setting('data_directory'), EXISTS (SELECT FROM pg_database WHERE datname = %s)",
                    [DATABASE],
                ).fetchone()
        except psycopg.OperationalError:
            return False
        data, has_database = row or ("", False)
        if Path(data) != self.world.postgres_dir:
            raise ServerNotRunnable(
                f"the server at {self.world.socket_dir} has its data in {data}, not in {self.world.postgres_dir}: the "
                f"folder was moved while its server ran; stop that server and try again"
            )
        if not has_database:
            self._create_database()
        return True

    def pid(self) -> int | None:
        try:
            return int((self.world.postgres_dir / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    def _create_data(self, lock: FileLock) -> None:
        """Fill a folder beside the data folder's place and move it there whole; one left half-filled is thrown away."""
        partial = self.world.postgres_dir.with_name("postgres.partial")
        if partial.exists():
            shutil.rmtree(partial)
        partial.mkdir(mode=0o700)
        self.account.give_tree(partial)
        arguments: list[str | Path] = [postgres_program("initdb"), "--pgdata", partial, *INITDB_OPTIONS]
        # It holds the lock too: should this process be killed, the next start waits for it before cleaning up.
        done = subprocess.run(  # noqa: S603 - the wheel's own program
            self.account.command(arguments, reaching=self._reaching(partial)),
            env=SERVER_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            pass_fds=(lock.fd,),
            check=False,
        )
        if done.returncode != 0:
            shutil.rmtree(partial, ignore_errors=True)
            raise failure(self, "the PostgreSQL data folder could not be made", done.stdout.strip())
        partial.rename(self.world.postgres_dir)

    def _create_database(self) -> None:
        # Into the template first: a test's database, made from it, has the extensions as well. The database comes last,
        # so that its being there says that all is done.
        with self._connect("template1") as connection:
            for extension in EXTENSIONS:
                connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}".encode())
        with self._connect("postgres") as connection:
            connection.execute(f"CREATE DATABASE {DATABASE}".encode())

    def _forget_dead_postmaster(self) -> None:
        """Drop the files that name a dead postmaster's process: its number may be another program's by now."""
        pid = self.pid()
        if pid is None or not Path("/proc/self").exists():
            return
        with suppress(OSError):  # A zombie has no command line; it may wait long for a parent that is busy.
            program = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0", 1)[0]
            if Path(os.fsdecode(program)).name == "postgres":
                return  # Started by hand; PostgreSQL itself will say so.
        for stale in (self.world.postgres_dir / "postmaster.pid", *self.world.socket_dir.glob(".s.PGSQL.*")):
            stale.unlink(missing_ok=True)

    def _reaching(self, data: Path) -> list[Path]:
        return [data, self.world.socket_dir / "socket"]

    def _connect(self, database: str) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(
            host=str(self.world.socket_dir), port=PORT, user=ROLE, dbname=database, connect_timeout=5, autocommit=True
        )
