"""The stream refuses when full, forgets only what all groups acknowledged, and tells how far each group is."""

import socket
import subprocess
import sys
from typing import Any

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from recommendations.events.stream import GROUPS, Checkpoint, Entry, StreamFull
from recommendations.events.valkey_stream import ValkeyStream
from recommendations.exceptions import StreamUnavailable


def read_all(stream: ValkeyStream, group: str) -> list[Entry]:
    return list(stream.read(group, "one", count=1000, wait_ms=1))


def test_full_stream_refuses_and_keeps_what_it_has(valkey: Redis, stream_name: str) -> None:
    stream = ValkeyStream(valkey, name=stream_name, max_length=3)
    stream.append([b"[]"] * 3)

    with pytest.raises(StreamFull):
        stream.append([b"[]"])

    assert stream.length() == 3


def test_unreachable_stream_says_so_quickly() -> None:
    client = Redis(unix_socket_path="/nonexistent/valkey.sock", socket_timeout=0.1, retry=Retry(NoBackoff(), 0))

    with pytest.raises(StreamUnavailable, match="out of reach"):
        ValkeyStream(client, name="nowhere", max_length=3).append([b"[]"])


def test_trim_waits_for_the_slowest_group(stream: ValkeyStream) -> None:
    stream.ensure_groups()
    stream.append([b"[1]", b"[2]", b"[3]"])
    for group in ("store", "recent"):
        stream.commit(group, Checkpoint.of(read_all(stream, group)))

    before_the_slowest_read = stream.trim()
    held = read_all(stream, "trackers")
    while_it_holds_all = stream.trim()
    stream.commit("trackers", Checkpoint.of(held[:2]))
    when_it_holds_one = stream.trim()
    stream.commit("trackers", Checkpoint.of(held[2:]))
    when_all_is_done = stream.trim()

    assert (before_the_slowest_read, while_it_holds_all, when_it_holds_one, when_all_is_done) == (0, 0, 2, 1)
    assert stream.length() == 0


def test_trim_without_groups_removes_nothing(stream: ValkeyStream) -> None:
    stream.append([b"[1]"])

    assert stream.trim() == 0


def test_trim_frees_a_full_stream(valkey: Redis, stream_name: str) -> None:
    stream = ValkeyStream(valkey, name=stream_name, max_length=2)
    stream.ensure_groups()
    stream.append([b"[1]", b"[2]"])
    for group in GROUPS:
        stream.commit(group, Checkpoint.of(read_all(stream, group)))

    stream.trim()

    stream.append([b"[3]"])
    assert stream.length() == 1


def test_lag_counts_unread_and_unacknowledged(stream: ValkeyStream) -> None:
    stream.append([b"[1]", b"[2]", b"[3]"])
    without_groups = stream.lag("store")
    stream.ensure_groups()
    unread = stream.lag("store")
    (first, *_) = stream.read("store", "one", count=2, wait_ms=1)
    stream.commit("store", Checkpoint.of([first]))

    assert (without_groups, unread, stream.lag("store")) == (3, 3, 2)


def test_group_has_passed_only_what_it_acknowledged(stream: ValkeyStream) -> None:
    stream.ensure_groups()
    assert stream.has_passed("store", stream.position())
    stream.append([b"[1]", b"[2]"])
    mark = stream.position()

    unread = stream.has_passed("store", mark)
    held = read_all(stream, "store")
    unacknowledged = stream.has_passed("store", mark)
    stream.commit("store", Checkpoint.of(held[1:]))
    first_missing = stream.has_passed("store", mark)
    stream.commit("store", Checkpoint.of(held[:1]))
    stream.append([b"[3]"])
    read_all(stream, "store")

    assert (unread, unacknowledged, first_missing) == (False, False, False)
    assert stream.has_passed("store", mark)
    assert not stream.has_passed("store", stream.position())


def test_group_passes_a_mark_that_is_trimmed(stream: ValkeyStream) -> None:
    stream.ensure_groups()
    stream.append([b"[1]"])
    mark = stream.position()
    for group in GROUPS:
        stream.commit(group, Checkpoint.of(read_all(stream, group)))

    stream.trim()

    assert stream.has_passed("store", mark)
    assert stream.position() == mark


def test_dead_consumers_entries_change_hands(stream: ValkeyStream) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        dead = f"{socket.gethostname()}-{process.pid}"
    stream.ensure_groups()
    stream.append([b"[1]", b"[2]"])
    stream.read("store", dead, count=2, wait_ms=1)

    stream.take_over("store", "alive")

    assert len(stream.read_held("store", "alive", after=b"0-0", count=10)) == 2
    assert stream.consumers("store") == ["alive"]


def test_consumer_that_holds_entries_is_not_forgotten(stream: ValkeyStream) -> None:
    stream.ensure_groups()
    stream.append([b"[1]"])
    stream.read("store", "one", count=1, wait_ms=1)

    stream.leave("store", "one")

    assert stream.lag("store") == 1
    assert stream.consumers("store") == ["one"]


def test_buried_entry_is_kept_with_its_reason(stream: ValkeyStream, valkey: Redis, stream_name: str) -> None:
    stream.ensure_groups()
    stream.append([b"[1]"])
    (entry,) = read_all(stream, "store")

    stream.bury("store", entry, "cannot be read")

    letters: Any = valkey.xrange(f"{stream_name}:dead")
    ((_, letter),) = letters
    assert (letter[b"group"], letter[b"reason"], letter[b"records"]) == (b"store", b"cannot be read", b"[1]")
    assert stream.lag("store") == 0
