"""The pace: pages are due at a steady rate whether or not earlier ones have come, by few threads."""

import http.client
import itertools
import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from storefront.simulation.driving.connection import Connection, Target
from storefront.simulation.driving.tally import Tally
from storefront.simulation.driving.visitor import Failed

WORKERS = 16
REPORT_EVERY_S = 0.5
STARTS_AFTER_S = 0.1

Progress = Callable[[float], None]


class Browsing(Protocol):
    """Whoever shows pages, one at a time, never two at once."""

    def show_next_page(self, connection: Connection) -> str:
        """Show one; return its kind, or raise `Failed`, OSError or HTTPException."""
        ...

    def start_over(self) -> None:
        """Begin anew after a failure."""
        ...


class Pace:
    """Runs one drive; `stop` ends it early, after the pages that are under way."""

    def __init__(
        self, target: Target, visitors: Sequence[Browsing], tally: Tally, *, rate: float, seconds: float
    ) -> None:
        """Prepare.

        Args:
            target: the shop.
            visitors: at least as many as there are threads; each shows one page, then waits for its next turn.
            tally: counts what happens.
            rate: pages a second.
            seconds: for how long.
        """
        self._target = target
        self._tally = tally
        self._rate = rate
        self._total = max(1, int(rate * seconds))
        self._turns = itertools.count()
        self._stopping = threading.Event()
        self._waiting: queue.SimpleQueue[Browsing] = queue.SimpleQueue()
        for visitor in visitors:
            self._waiting.put(visitor)
        self._fault: BaseException | None = None

    def run(self, progress: Progress) -> float:
        """Drive to the end, or until Ctrl-C.

        Returns:
            How many seconds it took.

        Raises:
            Whatever a visitor failed with other than the shop's faults.
        """
        self._started_s = self._ended_s = time.monotonic() + STARTS_AFTER_S
        threads = [threading.Thread(target=self._work, name=f"drive-{n}", daemon=True) for n in range(WORKERS)]
        for thread in threads:
            thread.start()
        try:
            while any(thread.is_alive() for thread in threads):
                self._stopping.wait(REPORT_EVERY_S)
                progress(min(1.0, self._tally.n_pages / self._total))
        except KeyboardInterrupt:
            self._stopping.set()
        for thread in threads:
            thread.join()
        if self._fault:
            raise self._fault
        return self._ended_s - self._started_s

    def _work(self) -> None:
        connection = Connection(self._target)
        try:
            while (turn := next(self._turns)) < self._total:
                due_s = self._started_s + turn / self._rate
                if self._stopping.wait(max(0.0, due_s - time.monotonic())):
                    break
                self._show(connection, due_s)
        except BaseException as error:  # noqa: BLE001 - told to whoever runs the drive
            self._fault = error
            self._stopping.set()
        finally:
            self._ended_s = time.monotonic()
            connection.close()

    def _show(self, connection: Connection, due_s: float) -> None:
        visitor = self._waiting.get()
        try:
            kind = visitor.show_next_page(connection)
            self._tally.page(kind, time.monotonic() - due_s)
        except (Failed, OSError, http.client.HTTPException) as error:
            self._tally.fail(str(error) if isinstance(error, Failed) else repr(error))
            visitor.start_over()
        finally:
            self._waiting.put(visitor)
