"""The wire server as `manage.py personalize` runs it, in tables of its own, for tests that come by boto3."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import boto3
import psycopg
from botocore.config import Config
from django.conf import settings
from django.db import connections

from tests.running_shop import PROJECT, free_port

READY_WITHIN_S = 120.0
STOP_WITHIN_S = 30.0
ACCESS_KEY, SECRET_KEY, REGION = "AKIDWIRETEST", "wire/test/secret", "us-east-1"
SERVICES = ("PERSONALIZE", "PERSONALIZE_RUNTIME", "PERSONALIZE_EVENTS")
OPEN_TRANSACTIONS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND xact_start IS NOT NULL
  AND pid <> pg_backend_pid()
"""
# A test that is told of a fault wants it at once, not after boto3's own attempts.
CONFIG = Config(connect_timeout=5, read_timeout=60, retries={"total_max_attempts": 1})


class WireServer:
    """Starts on entry, stops as by Ctrl-C on exit; boto3 finds it at `url`.

    Args of the constructor:
        folder: of the server's world; `data` below it is where imports may read files.
        database_url: of tables that are ready and nobody else's.
        locations: where imports may read besides.
        environment: variables of the server's processes.
    """

    def __init__(self, folder: Path, *, database_url: str, locations: tuple[str, ...] = (), **environment: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database_url = database_url
        self.data = folder / "data"
        self.log_file = folder / "personalize.log"
        self.environment = {
            **os.environ,
            "VAR_DIR": str(folder),
            "WORLD": "wire",
            "DATABASE_URL": database_url,
            "PERSONALIZE_ACCESS_KEYS": f"{ACCESS_KEY}:{SECRET_KEY}",
            "PERSONALIZE_DATA_LOCATIONS": ",".join((f"file://{self.data}", "http://127.0.0.1", *locations)),
            **environment,
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def client_environment(self) -> dict[str, str]:
        """What a program in an environment of its own needs to find the server by boto3's defaults."""
        return {
            **{f"AWS_ENDPOINT_URL_{service}": self.url for service in SERVICES},
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_DEFAULT_REGION": REGION,
        }

    def client(self, service: str, *, access_key: str = ACCESS_KEY, secret_key: str = SECRET_KEY) -> Any:
        """A boto3 client of `personalize`, `personalize-runtime` or `personalize-events`."""
        make: Any = boto3.client
        return make(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id=access_key,
            aws_secret_access_key=secret_key,
            config=CONFIG,
        )

    def __enter__(self) -> Self:
        self.data.mkdir(parents=True, exist_ok=True)
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def start(self, *options: str) -> None:
        """Run `manage.py personalize` with further options, and return once it answers."""
        command = ["manage.py", "personalize", "--host", "127.0.0.1", "--port", str(self.port), "--workers", "1"]
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *command, *options],
                cwd=PROJECT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_until_ready()

    def stop(self) -> None:
        """Stop all its processes as Ctrl-C does."""
        assert self._process is not None
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGINT)
        self._process.wait(STOP_WITHIN_S)

    def kill_child(self, word: str) -> None:
        """Kill the process whose command line has the word, as a machine that fails would; it is started again."""
        os.kill(self._child(word), signal.SIGKILL)

    @contextmanager
    def holding(self, word: str) -> Iterator[None]:
        """Let the process whose command line has the word stand still, between two transactions of its own."""
        pid, until = self._child(word), time.monotonic() + READY_WITHIN_S
        os.kill(pid, signal.SIGSTOP)
        try:
            while not self._is_database_idle():
                assert time.monotonic() < until, "The server's database is never idle."
                os.kill(pid, signal.SIGCONT)
                time.sleep(0.02)
                os.kill(pid, signal.SIGSTOP)
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def _is_database_idle(self) -> bool:
        """Whether nobody has a transaction open, once what was under way has had its time."""
        for _ in range(5):
            time.sleep(0.02)
            with psycopg.connect(self.database_url) as database:
                row = database.execute(OPEN_TRANSACTIONS).fetchone()
            if row == (0,):
                return True
        return False

    def _child(self, word: str) -> int:
        for folder in Path("/proc").iterdir():
            if not folder.name.isdecimal():
                continue
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                arguments = (folder / "cmdline").read_bytes().split(b"\0")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if parent == self.pid and word.encode() in arguments:
                return int(folder.name)
        raise AssertionError(f"The server has no process {word!r}.")

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/ping", timeout=5):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise AssertionError(f"The server did not answer; its log ends:\n{self.log[-4000:]}")


@contextmanager
def copied_database() -> Iterator[str]:
    """A database with the test database's tables, empty, and gone afterwards; yields its URL.

    Nobody may be connected to the test database while it is copied.
    """
    template = str(connections["default"].settings_dict["NAME"])
    name = f"wire_{uuid.uuid4().hex[:12]}"
    connections.close_all()
    with psycopg.connect(url_of("postgres"), autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
            [template],
        )
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield url_of(name)
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def url_of(database: str) -> str:
    """The URL of another database of the tests' PostgreSQL."""
    parts = urlsplit(os.environ.get("DATABASE_URL") or settings.ENVIRONMENT.database_url or "")
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{database}{query}"
