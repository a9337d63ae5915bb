"""A consumer waits out outages, buries poison, takes over from the dead, and acknowledges only what was handled."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest
from django.db import OperationalError
from redis import Redis

from recommendations.events import consumer as consumer_module
from recommendations.events.consumer import Consumer, Handler, LeavePending
from recommendations.events.schema import Record
from recommendations.events.valkey_stream import ValkeyStream
from recommendations.events.wire import encode_entries
from recommendations.ports import Interaction
from tests.factories.events import make_interaction
from tests.quickness import quickest_s

Start = Callable[[Handler], threading.Event]


@pytest.fixture
def start(stream: ValkeyStream) -> Iterator[Start]:
    """Runs consumers in threads; gives what stops one, and stops them all in the end."""
    running: list[tuple[threading.Thread, threading.Event]] = []

    def begin(handler: Handler) -> threading.Event:
        stop = threading.Event()
        thread = threading.Thread(target=Consumer(stream, "store", handler, stop=stop).run)
        thread.start()
        running.append((thread, stop))
        return stop

    yield begin
    for _, stop in running:
        stop.set()
    for thread, _ in running:
        thread.join(30)
        assert not thread.is_alive()


class Recording:
    """A handler that keeps what it was given, and fails as it is told."""

    def __init__(self, fail: Callable[[Sequence[Record]], None] = lambda _: None) -> None:
        self.batches: list[list[str]] = []
        self._fail = fail

    def __call__(self, records: Sequence[Record]) -> None:
        self._fail(records)
        self.batches.append([record.item_id for record in records if isinstance(record, Interaction)])

    @property
    def item_ids(self) -> list[str]:
        return [item_id for batch in self.batches for item_id in batch]


def append(stream: ValkeyStream, *item_ids: str) -> None:
    for item_id in item_ids:
        stream.append(encode_entries([make_interaction(item_id=item_id)]))


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.01)


def test_consumer_handles_in_order_and_acknowledges(stream: ValkeyStream, start: Start) -> None:
    handler = Recording()
    append(stream, "A", "B", "C")

    start(handler)

    wait_for(lambda: stream.lag("store") == 0)
    assert handler.item_ids == ["A", "B", "C"]


def test_consumer_drains_and_returns(stream: ValkeyStream) -> None:
    handler = Recording()
    append(stream, "A", "B")

    Consumer(stream, "store", handler, stop=threading.Event()).run(drain=True)

    assert handler.item_ids == ["A", "B"]
    assert stream.lag("store") == 0
    assert stream.consumers("store") == []


def test_consumer_waits_out_an_outage(stream: ValkeyStream, start: Start) -> None:
    outage = threading.Event()
    outage.set()

    def database_down(_: Sequence[Record]) -> None:
        if outage.is_set():
            raise OperationalError("planted")

    handler = Recording(database_down)
    append(stream, "A")
    start(handler)
    time.sleep(0.5)
    during = stream.lag("store")
    outage.clear()

    wait_for(lambda: stream.lag("store") == 0)

    assert during == 1
    assert handler.item_ids == ["A"]
    assert stream.n_dead_letters() == 0


def test_consumer_buries_what_fails_alone_and_keeps_the_rest(stream: ValkeyStream, start: Start) -> None:
    def choke(records: Sequence[Record]) -> None:
        if any(isinstance(record, Interaction) and record.item_id == "POISON" for record in records):
            raise ValueError("planted")

    handler = Recording(choke)
    append(stream, "A", "POISON", "B")
    stream.append([b"this is no JSON"])
    append(stream, "C")

    start(handler)

    wait_for(lambda: stream.lag("store") == 0)
    assert sorted(handler.item_ids) == ["A", "B", "C"]
    assert stream.n_dead_letters() == 2


def test_consumer_gives_a_failing_entry_three_deliveries(stream: ValkeyStream, start: Start) -> None:
    n_tries = 0

    def fail_twice(_: Sequence[Record]) -> None:
        nonlocal n_tries
        n_tries += 1
        if n_tries < 3:
            raise ValueError("planted")

    handler = Recording(fail_twice)
    append(stream, "A")

    start(handler)

    wait_for(lambda: stream.lag("store") == 0)
    assert handler.item_ids == ["A"]
    assert stream.n_dead_letters() == 0


def test_consumer_goes_on_past_what_is_left_pending(
    stream: ValkeyStream, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_module, "RECOVER_EVERY_S", 0.2)
    is_behind, asked = threading.Event(), []
    is_behind.set()

    def later(records: Sequence[Record]) -> None:
        if is_behind.is_set() and getattr(records[0], "item_id", "") == "A":
            asked.append("A")
            raise LeavePending("planted")

    handler = Recording(later)
    start(handler)
    append(stream, "A")
    wait_for(lambda: len(asked) > 0)
    append(stream, "B")
    wait_for(lambda: handler.item_ids == ["B"])
    wait_for(lambda: len(asked) > 2 * consumer_module.POISON_AFTER)

    is_behind.clear()

    wait_for(lambda: stream.lag("store") == 0)
    assert handler.item_ids == ["B", "A"]
    assert stream.n_dead_letters() == 0


def test_consumer_takes_over_from_the_dead_of_its_machine(stream: ValkeyStream, start: Start) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    dead = f"{os.uname().nodename}-{process.pid}"
    append(stream, "A")
    stream.ensure_groups()
    stream.read("store", dead, count=1, wait_ms=1)
    handler = Recording()

    start(handler)

    wait_for(lambda: stream.lag("store") == 0)
    assert handler.item_ids == ["A"]
    assert dead not in stream.consumers("store")


def test_consumer_buries_what_kills_its_consumers(stream: ValkeyStream, start: Start, valkey: Redis) -> None:
    append(stream, "DEADLY", "B")
    stream.ensure_groups()
    name = f"{os.uname().nodename}-{os.getpid()}"
    (deadly, _) = stream.read("store", name, count=10, wait_ms=1)
    for _ in range(5):
        stream.read_held("store", name, after=b"0-0", count=10)
    for _ in range(3):
        # Each time a consumer began with it and did not live to say how it went.
        stream.begin_trying("store", deadly)
    handler = Recording()

    start(handler)

    wait_for(lambda: stream.lag("store") == 0)
    assert handler.item_ids == ["B"]
    assert stream.n_dead_letters() == 1


def test_consumer_survives_a_valkey_that_came_back_empty(stream: ValkeyStream, start: Start, valkey: Redis) -> None:
    handler = Recording()
    start(handler)
    append(stream, "A")
    wait_for(lambda: handler.item_ids == ["A"])

    valkey.delete(stream._name)
    append(stream, "B")

    wait_for(lambda: handler.item_ids == ["A", "B"])


def test_consumer_stops_within_two_seconds(stream: ValkeyStream, start: Start) -> None:
    def database_down(_: Sequence[Record]) -> None:
        raise OperationalError("planted")

    def stop_one() -> float:
        stop = start(Recording(database_down))
        time.sleep(0.3)
        stopped_at = time.monotonic()
        stop.set()
        wait_for(lambda: not any(thread.name.endswith("(run)") for thread in threading.enumerate()))
        return time.monotonic() - stopped_at

    append(stream, "A")

    took_s = quickest_s(stop_one, enough_s=2)

    assert took_s < 2
    assert stream.lag("store") == 1
