"""The process tree of a running shop: web, worker, trainer, beat and event consumers."""

import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

READY_WITHIN_S = 60.0
# Pages come first: of a busy core they get three times what the worker of letters and payments gets, nine times what a
# training gets.
WORKER_NICENESS, TRAINER_NICENESS = "5", "10"


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
    worker = [*celery, "worker", "--concurrency", "1", "--loglevel", "WARNING"]
    worker += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    # It takes one at a time, in a fresh child each, which gives its memory back, and no limit ends it.
    trainer = ["nice", "-n", TRAINER_NICENESS, *worker, "--max-tasks-per-child", "1"]
    trainer += ["--time-limit", "0", "--soft-time-limit", "0"]
    return {
        "web": web,
        "events": [python, "manage.py", "consume_events"],
        "worker": ["nice", "-n", WORKER_NICENESS, *worker, "--queues", "default", "--hostname", "worker@%h"],
        "beat": [*celery, "beat", "--scheduler", "redbeat.RedBeatScheduler", "--loglevel", "WARNING", "--pidfile="],
        "trainer": [*trainer, "--queues", "training", "--hostname", "trainer@%h"],
    }


def personalize_commands(*, host: str, port: int, web_workers: int, threads: int = 1) -> dict[str, list[str]]:
    """Each process of the wire server by its name; more than one thread is for requests that wait."""
    python = sys.executable
    web = [python, "-m", "granian", "--interface", "wsgi", "recommendations.server.wsgi:application"]
    web += ["--host", host, "--port", str(port), "--workers", str(web_workers)]
    web += [
        "--blocking-threads",
        str(threads),
        "--backlog",
        "2048",
        "--no-ws",
        "--respawn-failed-workers",
        "--log-level",
        "warning",
    ]
    worker = [python, "manage.py", "personalize_worker"]
    return {
        "web": web,
        "resources": [*worker, "resources"],
        "trainings": ["nice", "-n", TRAINER_NICENESS, *worker, "trainings"],
    }


def metrics_environment(world_dir: Path) -> dict[str, str]:
    """A folder that the tree's processes share, so that their counts are summed; emptied, since all begin at zero."""
    folder = world_dir / "metrics"
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob("*.db"):
        file.unlink()
    return {"PROMETHEUS_MULTIPROC_DIR": str(folder)}


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
