"""A whole shop as `make demo` runs it, in a folder and on a port of its own, for tests that come through the door."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

PROJECT = Path(__file__).resolve().parent.parent
READY_WITHIN_S = 240.0
STOP_WITHIN_S = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class RunningShop:
    """Starts on entry, stops as by Ctrl-C on exit; `url` is its address."""

    def __init__(self, var_dir: Path, *, world: str = "demo", **environment: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        inherited = {
            name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL", "WORLD"}
        }
        # No night comes by itself while a test runs, unless it moves the clock.
        far_off = f"{(datetime.now(UTC) + timedelta(hours=12)):%H:%M}"
        # A page that is late because others use the machine is no fault of the shop's.
        patient = {"RECOMMENDATION_DEADLINE_S": "2"}
        inherited = {"RETRAIN_AT": far_off, "RETRAIN_TICK_S": "5", **patient, **inherited}
        self.environment = {**inherited, "VAR_DIR": str(var_dir), "WORLD": world, "PORT": str(self.port), **environment}
        self.log_file = var_dir / "demo.log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        with self.log_file.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", "demo"],
                cwd=PROJECT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait_until_ready()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGINT)
        self._process.wait(STOP_WITHIN_S)

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def manage(self, *arguments: str, timeout_s: float = 300.0) -> subprocess.CompletedProcess[str]:
        """Run one command beside the shop, in its world."""
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def python(self, code: str) -> str:
        """What a few lines print inside the shop's Django."""
        done = self.manage("shell", "--verbosity", "0", "--command", code)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def page_signed_in_as(self, shopper_key: str) -> str:
        """The homepage as this shopper sees it, by way of a printed sign-in link."""
        link = self.manage("shopper_login", shopper_key).stdout.split()[0]
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with browser.open(link) as page:
            token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', page.read().decode())[-1]
        with browser.open(link, data=urllib.parse.urlencode({"csrfmiddlewaretoken": token}).encode()):
            pass
        with browser.open(f"{self.url}/") as home:
            return str(home.read().decode())

    def _wait_until_ready(self) -> None:
        assert self._process is not None
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/", timeout=5) as answer:
                    if answer.read().count(b"data-item-id") >= 24:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.3)
        raise AssertionError(f"The shop did not open; its log ends:\n{self.log[-4000:]}")
