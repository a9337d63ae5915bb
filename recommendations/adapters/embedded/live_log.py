"""The newest events of all shoppers, one bounded Valkey stream a tracker, which every serving process reads."""

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from redis import Redis

from recommendations.engine.interactions import Event
from recommendations.ports import Interaction

# About 1 MB a tracker, and at most so many for a process to read that has just begun.
LOG_LENGTH = 10_000
TTL_S = 60 * 86_400
BEGINNING = "0-0"
PAGE = 1_000
# Of news that something was put the last one says as much as all.
NEWS_LENGTH = 10

_PAYLOAD = b"b"
_EVENT, _FORGET, _JOIN, _PUT = b"e", b"f", b"j", b"p"
# Kind, owner, event id, epoch milliseconds; the event's type, a bar and its item follow.
_HEAD = struct.Struct(">c8s16sq")
_JOINING = struct.Struct(">c8s8s")


@dataclass(frozen=True, slots=True)
class Happened:
    """An event of somebody; `owner` stands for a shopper and tells nothing of the key."""

    owner: str
    event_id: bytes
    event: Event


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Somebody's events are to be dropped."""

    owner: str


@dataclass(frozen=True, slots=True)
class Joined:
    """Somebody turned out to be somebody else."""

    owner: str
    heir: str


Entry = Happened | Forgotten | Joined


def owner_of(tracking_id: str, shopper_key: str) -> str:
    """What stands for a shopper in one tracker's log: sixteen letters that lead back to no key."""
    return _digest(tracking_id, shopper_key).hex()


def queue_events(pipeline: Any, tracking_id: str, interactions: Iterable[Interaction]) -> None:
    """Queue the commands that append events, oldest first."""
    for each in sorted(interactions, key=lambda interaction: interaction.occurred_at):
        # A clock that runs ahead would make all that came before look old.
        happened_at = min(each.occurred_at, each.received_at)
        head = _HEAD.pack(
            _EVENT,
            _digest(tracking_id, each.shopper_key),
            each.event_id.bytes,
            int(happened_at.timestamp() * 1000),
        )
        _queue(pipeline, tracking_id, head + f"{each.event_type}|{each.item_id}".encode())


def queue_join(pipeline: Any, tracking_id: str, *, user_id: str, heir_id: str) -> None:
    """Queue the commands that tell every process of two keys of one person."""
    both = _digest(tracking_id, user_id), _digest(tracking_id, heir_id)
    _queue(pipeline, tracking_id, _JOINING.pack(_JOIN, *both))


def tell_put(client: Redis, name: str) -> None:
    """Append that items or users were put; what they are is kept elsewhere.

    Args:
        client: of the live state.
        name: whose log, a name beside the trackers'.

    Raises:
        RedisError: Valkey does not answer.
    """
    with client.pipeline(transaction=False) as pipeline:
        pipeline.xadd(log_key(name), {_PAYLOAD: _PUT}, maxlen=NEWS_LENGTH, approximate=False)
        pipeline.expire(log_key(name), TTL_S)
        pipeline.execute()


def erase(client: Redis, tracking_id: str, shopper_key: str) -> None:
    """Take a shopper's events out of the log, and tell every process to drop them.

    Raises:
        RedisError: Valkey does not answer; nothing tells of the erasure yet, so that a repeat makes it whole.
    """
    owner = _digest(tracking_id, shopper_key)
    position = "-"
    while True:
        page: Any = client.xrange(log_key(tracking_id), min=position, count=PAGE)
        if not page:
            break
        theirs = [entry_id for entry_id, fields in page if fields.get(_PAYLOAD, b"")[1:9] == owner]
        if theirs:
            client.xdel(log_key(tracking_id), *theirs)
        position = f"({page[-1][0].decode()}"
    with client.pipeline(transaction=False) as pipeline:
        _queue(pipeline, tracking_id, _FORGET + owner)
        pipeline.execute()


def read(
    client: Redis, positions: Mapping[str, str], *, count: int, block_ms: int | None
) -> dict[str, list[tuple[str, Entry | None]]]:
    """Return what came behind the given positions, for each tracker that has any.

    Args:
        client: one whose socket waits for longer than `block_ms`.
        positions: tracking id -> the id of the entry read last.
        count: the most entries of one tracker.
        block_ms: how long to wait where there is none yet; None not to wait.

    Returns:
        Tracking id -> each entry's id and what it says; None for one that says nothing known.

    Raises:
        RedisError: Valkey does not answer.
    """
    streams: Any = {log_key(tracking_id): position for tracking_id, position in positions.items()}
    answer: Any = client.xread(streams, count=count, block=block_ms)
    found = dict(answer.items() if isinstance(answer, dict) else answer or ())
    by_key = {log_key(tracking_id).encode(): tracking_id for tracking_id in positions}
    return {
        by_key[key]: [(entry_id.decode(), _decode(fields.get(_PAYLOAD, b""))) for entry_id, fields in entries]
        for key, entries in found.items()
    }


def newest_position(client: Redis, tracking_id: str) -> str:
    """Return the id of the entry written last; the beginning where there is none."""
    newest: Any = client.xrevrange(log_key(tracking_id), count=1)
    return str(newest[0][0].decode()) if newest else BEGINNING


def log_key(tracking_id: str) -> str:
    """The name of a tracker's log in Valkey."""
    return f"livelog:{tracking_id}"


def _queue(pipeline: Any, tracking_id: str, payload: bytes) -> None:
    key = log_key(tracking_id)
    pipeline.xadd(key, {_PAYLOAD: payload}, maxlen=LOG_LENGTH, approximate=True)
    pipeline.expire(key, TTL_S)


def _decode(payload: bytes) -> Entry | None:
    try:
        match payload[:1]:
            case b"e":
                _, owner, event_id, milliseconds = _HEAD.unpack_from(payload)
                event_type, _, item_id = payload[_HEAD.size :].decode().partition("|")
                return Happened(owner.hex(), event_id, Event(item_id, milliseconds // 1000, event_type))
            case b"f":
                return Forgotten(payload[1:9].hex())
            case b"j":
                _, owner, heir = _JOINING.unpack(payload)
                return Joined(owner.hex(), heir.hex())
    except (struct.error, UnicodeDecodeError):
        pass
    # Of a later release, or damaged: a log is no place to stop at.
    return None


def _digest(tracking_id: str, shopper_key: str) -> bytes:
    return blake2b(shopper_key.encode(), digest_size=8, key=tracking_id.encode()[:64]).digest()
