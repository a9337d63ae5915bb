"""What happened in a drive, counted by many threads: pages, failures, latencies, rows, purchases."""

import threading
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

# The progress line speaks of the latest pages alone.
LATEST = 500
FAILURES_KEPT = 20


@dataclass(slots=True)
class RowCount:
    """One row's fate: how often it came into view, with how many cards, how well liked, how often clicked."""

    seen: int = 0
    cards: int = 0
    liking: float = 0.0
    clicks: int = 0


@dataclass(slots=True)
class Tally:
    """Latencies count from the moment a page was due, so that waiting is never left out."""

    latencies_s: list[float] = field(default_factory=list)
    pages: Counter[str] = field(default_factory=Counter)
    deeds: Counter[str] = field(default_factory=Counter)
    rows: dict[str, RowCount] = field(default_factory=dict)
    homes: Counter[str] = field(default_factory=Counter)
    home_clicks: Counter[str] = field(default_factory=Counter)
    n_failed: int = 0
    failures: list[str] = field(default_factory=list)
    n_homes: int = 0
    n_personal: int = 0
    n_known: int = 0
    n_known_personal: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def page(self, kind: str, latency_s: float) -> None:
        with self._lock:
            self.pages[kind] += 1
            self.latencies_s.append(latency_s)

    def fail(self, reason: str) -> None:
        with self._lock:
            self.n_failed += 1
            if len(self.failures) < FAILURES_KEPT:
                self.failures.append(reason)

    def deed(self, name: str) -> None:
        with self._lock:
            self.deeds[name] += 1

    def see(self, row: str, likings: list[float]) -> None:
        with self._lock:
            count = self.rows.setdefault(row, RowCount())
            count.seen += 1
            count.cards += len(likings)
            count.liking += sum(likings)

    def click(self, row: str) -> None:
        with self._lock:
            self.rows.setdefault(row, RowCount()).clicks += 1

    def home(self, variation: str) -> None:
        """A homepage was shown, with this variation; empty where no experiment decided."""
        with self._lock:
            self.homes[variation] += 1

    def home_click(self, variation: str) -> None:
        with self._lock:
            self.home_clicks[variation] += 1

    def second_row(self, *, is_personal: bool, is_known: bool) -> None:
        """A homepage was shown; `is_known` says that the shop has had time to learn something of the shopper."""
        with self._lock:
            self.n_homes += 1
            self.n_personal += is_personal
            self.n_known += is_known
            self.n_known_personal += is_known and is_personal

    @property
    def n_pages(self) -> int:
        """Pages shown or failed."""
        return len(self.latencies_s) + self.n_failed

    def percentile_ms(self, percent: float, *, latest: int | None = None) -> float:
        """A percentile of the latencies, of all pages or of the latest; 0 where there are none."""
        chosen = self.latencies_s[-latest:] if latest else self.latencies_s
        return float(np.percentile(chosen, percent) * 1000) if chosen else 0.0
