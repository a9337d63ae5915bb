"""What was given up on is listed, comes again for every group, and is removed only once the stream has it."""

import pytest
from redis import Redis

from recommendations.events.dead_letters import DeadLetters
from recommendations.events.stream import StreamFull
from recommendations.events.valkey_stream import ValkeyStream
from recommendations.events.wire import encode_entries
from tests.factories.events import make_interaction
from tests.recommendations.events.conftest import Entries


@pytest.fixture
def letters(valkey: Redis, stream_name: str) -> DeadLetters:
    return DeadLetters(valkey, ValkeyStream(valkey, name=stream_name, max_length=3), name=stream_name)


def bury(stream: ValkeyStream, *item_ids: str) -> None:
    stream.ensure_groups()
    for item_id in item_ids:
        stream.append(encode_entries([make_interaction(item_id=item_id)]))
        (entry,) = stream.read("store", "one", count=1, wait_ms=1)
        stream.bury("store", entry, f"fails on {item_id}")


def test_letters_are_listed_oldest_first(stream: ValkeyStream, letters: DeadLetters) -> None:
    bury(stream, *(f"ITEM-{number:03d}" for number in range(250)))

    listed = list(letters)

    assert len(letters) == len(listed) == 250
    assert [letter.reason for letter in listed] == [f"fails on ITEM-{number:03d}" for number in range(250)]
    assert {letter.group for letter in listed} == {"store"}


def test_send_again_puts_letters_back_for_every_group(
    stream: ValkeyStream, letters: DeadLetters, entries: Entries, valkey: Redis, stream_name: str
) -> None:
    bury(stream, "A", "B")
    valkey.xtrim(stream_name, maxlen=0)

    n_sent = letters.send_again()

    assert n_sent == 2
    assert len(letters) == 0
    assert [record.item_id for (record,) in entries()] == ["A", "B"]  # type: ignore[union-attr]
    assert len(stream.read("trackers", "one", count=10, wait_ms=1)) == 2


def test_letters_that_a_full_stream_refuses_stay(stream: ValkeyStream, letters: DeadLetters) -> None:
    bury(stream, "A", "B")

    with pytest.raises(StreamFull):
        letters.send_again()

    assert len(letters) == 1


def test_discard_removes_letters_and_nothing_else(stream: ValkeyStream, letters: DeadLetters, entries: Entries) -> None:
    bury(stream, "A")
    stream.append(encode_entries([make_interaction(item_id="B")]))

    n_removed = letters.discard()

    assert n_removed == 1
    assert len(letters) == 0
    assert len(entries()) == 2
