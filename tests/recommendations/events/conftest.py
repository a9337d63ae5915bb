"""A stream of its own for each test, on the real Valkey, and what the buffer took to it."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from redis import Redis

from recommendations.events import buffer
from recommendations.events.buffer import Buffer
from recommendations.events.connections import worker_client
from recommendations.events.schema import Record
from recommendations.events.valkey_stream import ValkeyStream
from recommendations.events.wire import decode_entry

Recorded = Callable[[], list[Record]]
Entries = Callable[[], list[list[Record]]]


@pytest.fixture
def valkey() -> Redis:
    return worker_client()


@pytest.fixture
def stream_name(valkey: Redis) -> Iterator[str]:
    name = f"events-{uuid4().hex}"
    yield name
    for key in valkey.scan_iter(f"{name}*"):
        valkey.delete(key)


@pytest.fixture
def stream(valkey: Redis, stream_name: str) -> ValkeyStream:
    return ValkeyStream(valkey, name=stream_name, max_length=1000)


@pytest.fixture
def entries(valkey: Redis, stream_name: str) -> Entries:
    """The records of every entry on the stream, oldest first."""

    def read() -> list[list[Record]]:
        rows: Any = valkey.xrange(stream_name)
        return [decode_entry(fields[b"records"]).records for _, fields in rows]

    return read


@pytest.fixture
def recorded(stream: ValkeyStream, entries: Entries, monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """What the process's buffer has taken to the stream, oldest first."""
    monkeypatch.setattr(buffer, "_default", Buffer(lambda: stream))

    def read() -> list[Record]:
        buffer.flush()
        return [record for entry in entries() for record in entry]

    return read
