"""The log of a drive: every interaction that the simulator believes it caused, as JSON lines, and their counts."""

import json
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self


class Fact(NamedTuple):
    """What is counted: one shopper did one thing to one item."""

    shopper_key: str
    event_type: str
    item_id: str


class Ledger:
    """Written by many threads; `counts` says how often each fact happened, `shopper_keys` to whom anything did.

    Args:
        path: where the lines go; the file must not exist.
        now: the world's clock.
    """

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        self.path = path
        self.counts: Counter[Fact] = Counter()
        self.n_impressions = 0
        self.shopper_keys: set[str] = set()
        self._now = now
        self._lock = threading.Lock()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("x", encoding="utf-8")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def __len__(self) -> int:
        """Return the number of interactions."""
        return self.counts.total()

    def add(self, shopper_key: str, event_type: str, item_id: str) -> None:
        """Log one interaction; without a key the shop records nobody, so nothing is expected."""
        if not shopper_key:
            return
        line = {"at": self._now().isoformat(), "shopper_key": shopper_key, "event_type": event_type, "item_id": item_id}
        with self._lock:
            self.shopper_keys.add(shopper_key)
            self.counts[Fact(shopper_key, event_type, item_id)] += 1
            self._file.write(f"{json.dumps(line)}\n")

    def add_impressions(self, shopper_key: str, n: int) -> None:
        """Count impressions that a beacon told."""
        if shopper_key:
            with self._lock:
                self.shopper_keys.add(shopper_key)
                self.n_impressions += n
