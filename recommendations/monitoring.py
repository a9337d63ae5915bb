"""What this process counts and times: metrics, summed over all processes of a machine, and tallies for the pulse."""

import os
import threading
from collections import Counter as Tallied
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, multiprocess

# Label values come from our own tables (views, rungs, reasons), so that their number is bounded; this is the belt.
MAX_CHILDREN = 1024

REGISTRY = CollectorRegistry()
PAGE_SECONDS = Histogram(
    "shop_page_seconds",
    "Time from a request's first middleware to its response, by view and class of status.",
    ("view", "status"),
    registry=REGISTRY,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5),
)
LISTS = Counter("shop_recommendation_lists", "Lists put on pages, by row and rung.", ("row", "rung"), registry=REGISTRY)
ANSWERS = Counter(
    "shop_recommendation_answers", "Personal lists asked for, by the rung that answered.", ("rung",), registry=REGISTRY
)
BACKEND_SECONDS = Histogram(
    "shop_backend_seconds",
    "Time a page waited for the recommender, its queue included.",
    ("backend",),
    registry=REGISTRY,
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.3, 1.0),
)
BACKEND_ERRORS = Counter(
    "shop_backend_errors", "Calls that the recommender did not answer, by code.", ("backend", "code"), registry=REGISTRY
)
BREAKERS_OPEN = Gauge(
    "shop_breakers_open",
    "Processes whose breaker in front of the recommender is not closed.",
    registry=REGISTRY,
    multiprocess_mode="livesum",
)
EVENTS = Counter("shop_events", "Records taken to the stream, by type.", ("type",), registry=REGISTRY)
EVENTS_REFUSED = Counter(
    "shop_events_refused", "Records refused or dropped, by place and reason.", ("where", "reason"), registry=REGISTRY
)

PAGES = "pages"
ANSWER = "answer."
SECOND_ROW = "second_row."
EVENT = "event."
REFUSED = "refused"


class Tally:
    """Counts since they were last taken, under a bounded number of names; thread-safe and cheap."""

    def __init__(self) -> None:
        self._restart()
        os.register_at_fork(after_in_child=self._restart)

    def _restart(self) -> None:
        self._counts: Tallied[str] = Tallied()
        self._lock = threading.Lock()

    def add(self, name: str, n: int = 1) -> None:
        """Count `n` more."""
        with self._lock:
            self._counts[name] += n

    def take(self) -> dict[str, int]:
        """The counts, which begin at zero again."""
        with self._lock:
            taken, self._counts = self._counts, Tallied()
        return dict(taken)

    def give_back(self, counts: Mapping[str, int]) -> None:
        """Add what could not be delivered to what has come since."""
        with self._lock:
            self._counts.update(counts)


tally = Tally()
_breaker_open = threading.Event()


def page_served(view: str, status: int, took_s: float) -> None:
    """Count a response and its time.

    Args:
        view: the view's name in the URL table, never the address.
        status: the HTTP status.
        took_s: in seconds.
    """
    _page(view, status // 100).observe(took_s)


def page_viewed() -> None:
    """Count a page that a shopper looked at."""
    tally.add(PAGES)


def list_served(row: str, rung: str) -> None:
    """Count a list on a page."""
    _list(row, rung).inc()


def second_row_served(key: str) -> None:
    """Count which kind of row a homepage had in second place."""
    tally.add(SECOND_ROW + key)


def answered(rung: str) -> None:
    """Count the rung that answered somebody who asked for a personal list."""
    _answer(rung).inc()
    tally.add(ANSWER + rung)


def backend_called(backend: str, took_s: float, *, error: str = "") -> None:
    """Count a call to the recommender.

    Args:
        backend: its name in the registry of backends.
        took_s: how long the page waited, in seconds.
        error: the code of what went wrong, if anything did.
    """
    _backend(backend).observe(took_s)
    if error:
        BACKEND_ERRORS.labels(backend, error).inc()


def breaker_changed(*, is_open: bool) -> None:
    """Note that this process's breaker opened, or closed again; half open counts as open."""
    BREAKERS_OPEN.set(int(is_open))
    if is_open:
        _breaker_open.set()
    else:
        _breaker_open.clear()


def is_breaker_open() -> bool:
    """Whether this process's breaker is not closed."""
    return _breaker_open.is_set()


def events_taken(kinds: Mapping[str, int]) -> None:
    """Count records that the stream took, by type; served lists are of no interest here, they are counted as lists."""
    for kind, n in kinds.items():
        EVENTS.labels(kind).inc(n)
        tally.add(EVENT + kind, n)


def event_refused(where: str, reason: str, n: int) -> None:
    """Count records that were refused or dropped."""
    EVENTS_REFUSED.labels(where, reason).inc(n)
    tally.add(REFUSED, n)


def registry(folder: Path | None) -> CollectorRegistry:
    """What /metrics shows: this process's counts, or where a folder is shared, those of all that share it.

    Args:
        folder: PROMETHEUS_MULTIPROC_DIR, as it was when this process began.
    """
    if folder is None:
        return REGISTRY
    forget_dead(folder)
    shared = CollectorRegistry()
    multiprocess.MultiProcessCollector(shared, path=str(folder))  # type: ignore[no-untyped-call]
    return shared


def forget_dead(folder: Path) -> None:
    """Remove the states of processes that are no more; what they counted stays in the sums."""
    for file in folder.glob("gauge_live*.db"):
        pid = file.stem.rpartition("_")[2]
        if pid.isdecimal() and not Path("/proc", pid).exists():
            multiprocess.mark_process_dead(int(pid), path=str(folder))  # type: ignore[no-untyped-call]


@lru_cache(MAX_CHILDREN)
def _page(view: str, status_class: int) -> Histogram:
    return PAGE_SECONDS.labels(view, f"{status_class}xx")


@lru_cache(MAX_CHILDREN)
def _list(row: str, rung: str) -> Counter:
    return LISTS.labels(row, rung)


@lru_cache(MAX_CHILDREN)
def _answer(rung: str) -> Counter:
    return ANSWERS.labels(rung)


@lru_cache(MAX_CHILDREN)
def _backend(backend: str) -> Histogram:
    return BACKEND_SECONDS.labels(backend)
