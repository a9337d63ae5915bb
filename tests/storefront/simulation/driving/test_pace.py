import threading
import time

import pytest

from storefront.simulation.driving.connection import Connection, Target
from storefront.simulation.driving.pace import WORKERS, Pace
from storefront.simulation.driving.tally import Tally
from storefront.simulation.driving.visitor import Failed

TARGET = Target("127.0.0.1", 9)


class Reader:
    """Shows pages that take a while, or fail; remembers whether two ever ran into each other."""

    def __init__(self, takes_s: float = 0.0, error: BaseException | None = None) -> None:
        self._takes_s = takes_s
        self._error = error
        self._busy = threading.Lock()
        self.n_restarts = 0

    def show_next_page(self, connection: Connection) -> str:
        with self._busy:
            time.sleep(self._takes_s)
            if self._error:
                raise self._error
            return "home"

    def start_over(self) -> None:
        self.n_restarts += 1


def test_pages_come_at_the_rate_though_each_takes_longer_than_its_share() -> None:
    tally = Tally()
    pace = Pace(TARGET, [Reader(takes_s=0.1) for _ in range(WORKERS)], tally, rate=100, seconds=0.5)

    seconds = pace.run(lambda share: None)

    assert tally.pages == {"home": 50}
    # One after the other they would take five.
    assert 0.45 <= seconds <= 4.5


def test_waiting_for_a_late_page_counts_as_latency() -> None:
    tally = Tally()
    pace = Pace(TARGET, [Reader(takes_s=0.1)], tally, rate=100, seconds=0.1)

    pace.run(lambda share: None)

    assert max(tally.latencies_s) > 0.8


@pytest.mark.parametrize("error", [Failed("GET /: status 500"), ConnectionResetError("gone")])
def test_failures_are_counted_and_the_shopper_begins_anew(error: BaseException) -> None:
    tally, reader = Tally(), Reader(error=error)

    Pace(TARGET, [reader], tally, rate=100, seconds=0.05).run(lambda share: None)

    assert (tally.n_failed, reader.n_restarts, tally.n_pages) == (5, 5, 5)
    assert str(error) in tally.failures[0]


def test_a_fault_of_the_simulator_ends_the_drive() -> None:
    pace = Pace(TARGET, [Reader(error=KeyError("slip"))], Tally(), rate=10, seconds=60)

    with pytest.raises(KeyError, match="slip"):
        pace.run(lambda share: None)


def test_ctrl_c_ends_the_drive_and_keeps_what_was_counted() -> None:
    tally, began_s = Tally(), time.monotonic()
    pace = Pace(TARGET, [Reader() for _ in range(WORKERS)], tally, rate=50, seconds=600)

    def interrupt(share: float) -> None:
        if share > 0:
            raise KeyboardInterrupt

    pace.run(interrupt)

    assert time.monotonic() - began_s < 60
    assert tally.n_pages > 0
