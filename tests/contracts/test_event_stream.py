"""What every event stream keeps: nothing is lost, groups are apart, only what was committed is done."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from recommendations.events import shard_states
from recommendations.events.connections import worker_client
from recommendations.events.consumer import Consumer
from recommendations.events.schema import Record
from recommendations.events.stream import Batch, Checkpoint, EventStream
from recommendations.events.wire import encode_entries
from recommendations.ports import Interaction
from tests.factories.events import make_interaction
from tests.factories.streams import MakeKinesis, aws_here, forget_stream, kinesis_stream, make_kinesis, valkey_stream

__all__ = ["aws_here", "make_kinesis"]

# Opens the same stream again, as another process would.
Open = Callable[[], EventStream]


@pytest.fixture(params=["valkey", "kinesis"])
def open_it(request: pytest.FixtureRequest) -> Iterator[Open]:
    if request.param == "valkey":
        name = f"events-{os.urandom(8).hex()}"
        yield lambda: valkey_stream(name)
    else:
        make: MakeKinesis = request.getfixturevalue("make_kinesis")
        name = make()
        yield lambda: kinesis_stream(name)
    forget_stream(worker_client(), name)


@pytest.fixture
def stream(open_it: Open) -> EventStream:
    made = open_it()
    made.ensure_groups()
    return made


def read(stream: EventStream, group: str = "store", consumer: str = "one-1", count: int = 100) -> Batch:
    return stream.read(group, consumer, count=count, wait_ms=300)


def payloads(batch: Batch) -> list[bytes]:
    return [entry.payload for entry in batch]


def test_entries_come_in_order_to_each_group_once(stream: EventStream) -> None:
    stream.append([b"[1]", b"[2]"])
    stream.append([b"[3]"])

    first, second, other = read(stream, count=2), read(stream, count=2), read(stream, "recent")

    assert payloads(first) == [b"[1]", b"[2]"]
    assert payloads(second) == [b"[3]"]
    assert payloads(other) == [b"[1]", b"[2]", b"[3]"]
    assert not read(stream)


def test_nothing_to_read_is_an_empty_batch_after_the_wait(stream: EventStream) -> None:
    began_s = time.monotonic()

    batch = read(stream)

    assert len(batch) == 0
    assert time.monotonic() - began_s >= 0.25


def test_appending_nothing_writes_nothing(stream: EventStream) -> None:
    stream.append([])

    assert stream.length() == 0


def test_committed_entries_are_done_for_that_group_alone(stream: EventStream, open_it: Open) -> None:
    stream.append([b"[1]", b"[2]"])
    stream.commit("store", read(stream).checkpoint)
    stream.leave("store", "one-1")

    again = open_it()

    assert not read(again, consumer="two-2")
    assert (again.lag("store"), again.lag("recent"), again.length()) == (0, 2, 2)


def test_committing_twice_changes_nothing(stream: EventStream) -> None:
    stream.append([b"[1]", b"[2]"])
    first = read(stream, count=1)
    stream.commit("store", first.checkpoint)

    stream.commit("store", first.checkpoint)

    assert stream.lag("store") == 1
    assert payloads(read(stream)) == [b"[2]"]


def test_lag_counts_unread_and_uncommitted(stream: EventStream) -> None:
    stream.append([b"[1]", b"[2]", b"[3]"])
    unread = stream.lag("store")
    (first, *_) = read(stream, count=2)

    held = stream.lag("store")
    stream.commit("store", Checkpoint.of([first]))

    assert (unread, held, stream.lag("store")) == (3, 3, 2)


def test_held_entries_come_again_and_each_time_counts(stream: EventStream) -> None:
    stream.append([b"[1]", b"[2]", b"[3]"])
    batch = read(stream)
    stream.commit("store", Checkpoint.of([batch.entries[1]]))

    once = stream.read_held("store", "one-1", after=b"0-0", count=10)
    twice = stream.read_held("store", "one-1", after=once.entries[0].entry_id, count=10)

    assert [entry.n_deliveries for entry in batch] == [1, 1, 1]
    assert [(entry.payload, entry.n_deliveries) for entry in once] == [(b"[1]", 2), (b"[3]", 2)]
    assert [(entry.payload, entry.n_deliveries) for entry in twice] == [(b"[3]", 3)]


def test_entries_committed_out_of_order_are_all_done_in_the_end(stream: EventStream, open_it: Open) -> None:
    stream.append([b"[1]", b"[2]", b"[3]"])
    first, second, third = read(stream)

    stream.commit("store", Checkpoint.of([third]))
    stream.commit("store", Checkpoint.of([first]))
    stream.commit("store", Checkpoint.of([second]))

    assert open_it().lag("store") == 0
    assert not stream.read_held("store", "one-1", after=b"0-0", count=10)


def test_what_a_dead_consumer_held_goes_to_another_one(stream: EventStream, open_it: Open) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        dead = f"{socket.gethostname()}-{process.pid}"
    stream.append([b"[1]", b"[2]"])
    held = read(stream, consumer=dead)
    stream.commit("store", Checkpoint.of(held.entries[:1]))

    heir, name = open_it(), f"{socket.gethostname()}-{os.getpid()}"
    heir.take_over("store", name)
    inherited = [*heir.read_held("store", name, after=b"0-0", count=10), *read(heir, consumer=name)]

    assert [entry.payload for entry in inherited] == [b"[2]"]
    assert inherited[0].n_deliveries == 2


def test_two_consumers_of_a_group_never_share_an_entry(stream: EventStream, open_it: Open) -> None:
    stream.append([f"[{number}]".encode() for number in range(20)])
    other = open_it()

    seen = [payloads(read(each, consumer=name, count=10)) for each, name in ((stream, "one-1"), (other, "two-2"))]

    together = seen[0] + seen[1]
    assert len(set(together)) == len(together)
    assert together


def test_consumer_that_leaves_makes_room_and_loses_nothing(stream: EventStream, open_it: Open) -> None:
    stream.append([b"[1]", b"[2]"])
    stream.commit("store", read(stream).checkpoint)
    stream.leave("store", "one-1")
    stream.append([b"[3]"])

    after = read(open_it(), consumer="two-2")

    assert payloads(after) == [b"[3]"]


def test_mark_is_passed_once_all_before_it_is_committed(stream: EventStream) -> None:
    stream.append([b"[1]", b"[2]"])
    mark = stream.position()
    unread = stream.has_passed("store", mark)
    batch = read(stream)
    held = stream.has_passed("store", mark)
    stream.commit("store", Checkpoint.of(batch.entries[1:]))
    first_missing = stream.has_passed("store", mark)
    stream.commit("store", batch.checkpoint)
    stream.append([b"[3]"])

    assert (unread, held, first_missing) == (False, False, False)
    assert stream.has_passed("store", mark)
    assert not stream.has_passed("recent", mark)
    assert not stream.has_passed("store", stream.position())


@pytest.mark.parametrize(
    "mark", ["0-0", "shardId-000000000009:49600000000000000000000000000000000000000000000000000001"]
)
def test_mark_of_another_stream_is_passed_by_whoever_is_through(stream: EventStream, mark: str) -> None:
    stream.append([b"[1]"])
    stream.commit("store", read(stream).checkpoint)

    assert stream.has_passed("store", mark)


def test_oldest_entry_that_waits_is_told_by_its_time(stream: EventStream) -> None:
    nothing = stream.waiting_since_s("store")
    before_s = time.time()
    stream.append([b"[1]"])

    unread_s = stream.waiting_since_s("store")
    batch = read(stream)
    held_s = stream.waiting_since_s("store")
    stream.commit("store", batch.checkpoint)

    assert nothing is None
    assert unread_s is not None
    assert unread_s == held_s
    assert before_s - 2 <= unread_s <= time.time() + 2
    assert stream.waiting_since_s("store") is None


def test_group_is_seen_when_a_consumer_asks(stream: EventStream) -> None:
    unseen = stream.seen_s("store")

    read(stream)

    seen_s = stream.seen_s("store")
    assert unseen is None
    assert seen_s is not None
    assert seen_s < 60
    assert stream.seen_s("recent") is None


def test_buried_entry_is_done_and_counted(stream: EventStream) -> None:
    stream.append([b"[1]", b"[2]"])
    poison, _ = read(stream)

    stream.bury("store", poison, "cannot be read")

    assert stream.n_dead_letters() == 1
    assert stream.lag("store") == 1
    assert [entry.payload for entry in stream.read_held("store", "one-1", after=b"0-0", count=9)] == [b"[2]"]


def test_tries_are_counted_until_they_end(stream: EventStream) -> None:
    stream.append([b"[1]"])
    (entry,) = read(stream)

    begun = [stream.begin_trying("store", entry) for _ in range(2)]
    stream.end_trying("store", entry)

    assert begun == [1, 2]
    assert stream.begin_trying("store", entry) == 1


def test_consumer_handles_all_and_buries_what_fails_alone(stream: EventStream, open_it: Open) -> None:
    handled: list[str] = []

    def choke(records: Sequence[Record]) -> None:
        item_ids = [record.item_id for record in records if isinstance(record, Interaction)]
        if "POISON" in item_ids:
            raise ValueError("planted")
        handled.extend(item_ids)

    for item_id in ("A", "POISON", "B"):
        stream.append(encode_entries([make_interaction(item_id=item_id)]))
    stream.append([b"this is no JSON"])

    Consumer(open_it(), "store", choke, stop=threading.Event()).run(drain=True)

    assert sorted(handled) == ["A", "B"]
    assert stream.lag("store") == 0
    assert stream.n_dead_letters() == 2


def test_lease_of_a_machine_that_is_gone_runs_out(
    stream: EventStream, open_it: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    if type(stream).__name__ == "ValkeyStream":
        monkeypatch.setattr("recommendations.events.valkey_stream.ABANDONED_AFTER_MS", 200)
    monkeypatch.setattr(shard_states, "LEASE_MS", 200)
    stream.append([b"[1]"])
    read(stream, consumer="elsewhere-1")
    time.sleep(0.4)

    heir = open_it()
    heir.take_over("store", "here-2")

    inherited = [*heir.read_held("store", "here-2", after=b"0-0", count=10), *read(heir, consumer="here-2")]
    assert [entry.payload for entry in inherited] == [b"[1]"]
