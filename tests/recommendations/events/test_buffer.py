"""The buffer costs a request nothing, is bounded, and says what it dropped."""

import multiprocessing
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from recommendations.events.buffer import Buffer
from recommendations.events.refusals import refusals
from recommendations.events.valkey_stream import ValkeyStream
from recommendations.exceptions import StreamUnavailable
from recommendations.ports import Interaction
from tests.factories.events import make_impression, make_interaction, make_served_list
from tests.quickness import quickest_s
from tests.recommendations.events.conftest import Entries


def dead_stream() -> ValkeyStream:
    client = Redis(unix_socket_path="/nonexistent/valkey.sock", socket_timeout=0.1, retry=Retry(NoBackoff(), 0))
    return ValkeyStream(client, name="nowhere", max_length=10)


MakeBuffer = Callable[..., Buffer]


@pytest.fixture
def make_buffer() -> Iterator[MakeBuffer]:
    """Buffers that leave nothing to flush when the tests end."""
    made: list[Buffer] = []

    def make(stream: Callable[[], ValkeyStream], **options: int) -> Buffer:
        made.append(Buffer(stream, **options))
        return made[-1]

    yield make
    for buffer in made:
        buffer.forget()


def wait_until_flushed(buffer: Buffer, n: int, within_s: float = 60.0) -> float:
    started = time.monotonic()
    while buffer.stats().flushed < n and time.monotonic() - started < within_s:
        time.sleep(0.002)
    return time.monotonic() - started


def test_buffer_is_on_the_stream_within_moments(make_buffer: MakeBuffer, stream: ValkeyStream) -> None:
    buffer = make_buffer(lambda: stream)
    buffer.add(make_interaction())
    wait_until_flushed(buffer, 1)

    def flush_one_more() -> float:
        n_flushed = buffer.stats().flushed
        buffer.add(make_served_list())
        return wait_until_flushed(buffer, n_flushed + 1)

    took_s = quickest_s(flush_one_more, enough_s=0.25)

    # The bar is 50 ms on a quiet machine.
    assert took_s < 0.25
    assert stream.length() == buffer.stats().flushed >= 2


def test_buffer_writes_entries_of_a_hundred(make_buffer: MakeBuffer, stream: ValkeyStream, entries: Entries) -> None:
    buffer = make_buffer(lambda: stream)
    for _ in range(1050):
        buffer.add(make_impression())

    buffer.flush()

    sizes = [len(records) for records in entries()]
    assert sum(sizes) == 1050
    assert max(sizes) == 100


def test_buffer_stamps_the_receipt_late(make_buffer: MakeBuffer, stream: ValkeyStream, entries: Entries) -> None:
    interaction = make_interaction()
    buffer = make_buffer(lambda: stream)
    buffer.add(interaction)

    buffer.flush()

    ((stored,),) = entries()
    assert isinstance(stored, Interaction)
    assert stored.received_at > interaction.received_at


def test_buffer_without_valkey_keeps_what_it_may_and_counts_the_rest(make_buffer: MakeBuffer) -> None:
    buffer = make_buffer(dead_stream, max_waiting=10)

    kept = [buffer.add(make_interaction()) for _ in range(25)]

    assert kept.count(True) == 10
    assert buffer.stats().dropped == {"buffer_full": 15}
    with pytest.raises(StreamUnavailable):
        buffer.flush()
    assert buffer.stats().waiting == 10


def test_buffer_makes_no_request_wait_while_the_stream_hangs(make_buffer: MakeBuffer) -> None:
    is_asked, may_answer, has_answered = threading.Event(), threading.Event(), threading.Event()

    def hanging_stream() -> ValkeyStream:
        is_asked.set()
        may_answer.wait(60)
        has_answered.set()
        raise StreamUnavailable("planted")

    buffer = make_buffer(hanging_stream, max_waiting=10)
    buffer.add(make_interaction())
    assert is_asked.wait(60)

    kept = [buffer.add(make_interaction()) for _ in range(25)]

    assert not has_answered.is_set()
    may_answer.set()
    assert kept.count(True) == 9


def test_buffer_recovers_what_waited_for_valkey(make_buffer: MakeBuffer, stream: ValkeyStream) -> None:
    streams = [dead_stream()]
    buffer = make_buffer(lambda: streams[-1])
    for _ in range(5):
        buffer.add(make_interaction())
    time.sleep(0.1)

    streams.append(stream)

    wait_until_flushed(buffer, 5)
    assert buffer.stats().flushed == 5
    assert buffer.stats().dropped == {}


def test_buffer_that_forgets_has_nothing_left_for_later(make_buffer: MakeBuffer, stream: ValkeyStream) -> None:
    streams = [dead_stream()]
    buffer = make_buffer(lambda: streams[0])
    buffer.add(make_interaction())

    buffer.forget()
    streams[0] = stream
    buffer.flush()

    assert (buffer.stats().waiting, buffer.stats().flushed) == (0, 0)


def test_buffer_drops_and_counts_on_a_full_stream(make_buffer: MakeBuffer, valkey: Redis, stream_name: str) -> None:
    full = ValkeyStream(valkey, name=stream_name, max_length=0)
    buffer = make_buffer(lambda: full)
    for _ in range(3):
        buffer.add(make_interaction())

    buffer.flush()

    assert buffer.stats().dropped == {"stream_full": 3}
    assert buffer.stats().waiting == 0


@pytest.fixture
def valkey_without_memory(valkey: Redis) -> Iterator[Callable[[], object]]:
    """Lets Valkey run out of memory, and gives it back."""
    before: Any = valkey.config_get("maxmemory")
    yield lambda: valkey.config_set("maxmemory", 1)
    valkey.config_set("maxmemory", before["maxmemory"])


def test_buffer_drops_and_counts_apart_while_valkey_has_no_memory(
    make_buffer: MakeBuffer, stream: ValkeyStream, valkey_without_memory: Callable[[], object]
) -> None:
    buffer = make_buffer(lambda: stream)
    stream.append([b"an entry"])
    before = refusals.counts().get("buffer.stream_out_of_memory", 0)

    valkey_without_memory()
    for _ in range(3):
        buffer.add(make_interaction())
    buffer.flush()

    assert buffer.stats().dropped == {"stream_out_of_memory": 3}
    assert buffer.stats().waiting == 0
    assert refusals.counts()["buffer.stream_out_of_memory"] == before + 3
    assert stream.length() == 1


def test_buffer_refuses_what_would_poison_the_stream(make_buffer: MakeBuffer, stream: ValkeyStream) -> None:
    buffer = make_buffer(lambda: stream)
    buffer.add(make_interaction(item_id="\x00"))
    buffer.add(make_interaction())

    buffer.flush()

    assert buffer.stats().flushed == 1
    assert buffer.stats().dropped == {"malformed": 1}


def record_in_child(buffer: Buffer, report: Path) -> None:
    waiting_at_start = buffer.stats().waiting
    buffer.add(make_interaction())
    report.write_text(str(waiting_at_start))


def test_buffer_of_a_forked_process_flushes_its_own_at_the_end(
    make_buffer: MakeBuffer, valkey: Redis, stream_name: str, tmp_path: Path
) -> None:
    parents_only = make_interaction()
    stream = ValkeyStream(valkey, name=stream_name, max_length=1000)
    buffer = make_buffer(dead_stream)
    buffer.add(parents_only)
    buffer._stream = lambda: stream

    child = multiprocessing.get_context("fork").Process(target=record_in_child, args=(buffer, tmp_path / "report"))
    child.start()
    child.join(60)

    assert child.exitcode == 0
    assert (tmp_path / "report").read_text() == "0"
    assert stream.length() >= 1


def test_buffer_costs_microseconds(make_buffer: MakeBuffer, stream: ValkeyStream) -> None:
    buffer = make_buffer(lambda: stream)
    interaction = make_interaction()
    buffer.add(interaction)
    # Of this thread's own: what others do meanwhile is no cost of the call.
    started = time.thread_time()

    for _ in range(5000):
        buffer.add(interaction)

    # The bar is a few microseconds on a quiet machine.
    assert (time.thread_time() - started) / 5000 < 50e-6
