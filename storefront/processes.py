"""The process tree of a running shop: web, worker, beat and event consumers, with prefixed logs, stopped together."""

import os
import shlex
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

from honcho.manager import Manager

READY_WITHIN_S = 60.0


def commands(*, host: str, port: int, web_workers: int) -> dict[str, list[str]]:
    """Each process by its name. One blocking thread a web worker: more only fight over the interpreter."""
    python = sys.executable
    web = [
        python,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "storefront.wsgi:application",
        "--host",
        host,
        "--port",
        str(port),
    ]
    web += ["--workers", str(web_workers), "--blocking-threads", "1", "--backlog", "2048", "--no-ws"]
    web += ["--respawn-failed-workers", "--log-level", "warning"]
    celery = [python, "-m", "celery", "--app", "storefront", "--quiet"]
    return {
        "web": web,
        "worker": [
            *celery,
            "worker",
            "--concurrency",
            "1",
            "--loglevel",
            "WARNING",
            "--without-gossip",
            "--without-mingle",
        ],
        "beat": [*celery, "beat", "--scheduler", "redbeat.RedBeatScheduler", "--loglevel", "WARNING", "--pidfile="],
        "events": [python, "manage.py", "consume_events"],
    }


def run_together(processes: Mapping[str, list[str]], *, environment: Mapping[str, str]) -> int:
    """Run all until one ends or the terminal says stop; then none is left.

    Returns:
        0 after a wanted stop, else the first ended process's exit code.
    """
    manager: Any = Manager()  # type: ignore[no-untyped-call]
    for name, command in processes.items():
        manager.add_process(name, f"exec {shlex.join(command)}", env={**os.environ, **environment})
    manager.loop()
    code = int(manager.returncode or 0)
    return 0 if code in {130, 143} else code


def announce_when_ready(url: str, announce: Callable[[], None]) -> None:
    """Call `announce` from a thread once the address answers."""

    def wait() -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(url, timeout=2):  # noqa: S310
                    announce()
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)

    threading.Thread(target=wait, name="announce", daemon=True).start()
