"""The live state: each shopper's newest events per event tracker, as bounded rings in Valkey, and a log of all."""

import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import redis

from recommendations import conf
from recommendations.adapters.embedded import live_log
from recommendations.adapters.embedded.live_state import live_state
from recommendations.engine.interactions import Event
from recommendations.exceptions import BackendUnavailable
from recommendations.ports import Interaction

# Of what a shopper did so much is kept, which takes some 30 kB of Valkey's memory.
RING_LENGTH = 200
TTL_S = 60 * 86_400
# A page waits for one ring so long; whoever writes or deletes many has time.
READ_TIMEOUT_S = 0.05
WRITE_TIMEOUT_S = 2.0
# After a failure nobody asks Valkey again for so long, so that its absence costs a page nothing.
QUIET_S = 1.0
PAGE = 500
# No event id begins so; behind it stands the key that was joined.
JOINED = b"="
# Of an account that so many devices were joined to, older ones are trained on as its own anyway.
MOST_JOINED = 8

# Too many events: the most numerous type gives its oldest, so that two hundred views drop no purchase, and filters by
# type still find it. Keys {ring}, args {bound}.
TRIM = """
local extra = redis.call('ZCARD', KEYS[1]) - tonumber(ARGV[1])
if extra <= 0 then return 0 end
local by_type, first = {}, {}
for _, member in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  local kind = string.match(member, '^%x+|([^|]*)|') or ''
  if not by_type[kind] then by_type[kind], first[kind] = {}, 1 end
  table.insert(by_type[kind], member)
end
for _ = 1, extra do
  local most, n_most = nil, 0
  for kind, members in pairs(by_type) do
    local n = #members - first[kind] + 1
    if n > n_most or (n == n_most and kind < most) then most, n_most = kind, n end
  end
  redis.call('ZREM', KEYS[1], by_type[most][first[most]])
  first[most] = first[most] + 1
end
return extra
"""

_quiet_lock = threading.Lock()
_quiet_until_s = 0.0


@dataclass(frozen=True, slots=True)
class Ring:
    """What a shopper did last.

    Attributes:
        events: oldest first.
        joined: the keys that the shopper had before, and may have been trained on under.
    """

    events: tuple[Event, ...]
    joined: tuple[str, ...] = ()


NO_RING = Ring(())


def append_events(tracking_id: str, interactions: Sequence[Interaction]) -> None:
    """Put interactions into their shoppers' rings and the log, in one round trip; what is there already stays once.

    Args:
        tracking_id: whose rings.
        interactions: any number of shoppers and event types.

    Raises:
        BackendUnavailable: Valkey does not answer.
    """
    members: dict[str, dict[bytes, int]] = defaultdict(dict)
    for each in interactions:
        milliseconds = int(each.occurred_at.timestamp() * 1000)
        # The member holds nothing that a replay could change, so that a replay is the same member.
        member = f"{each.event_id.hex}|{each.event_type}|{each.item_id}".encode()
        members[each.shopper_key][member] = milliseconds
    if not members:
        return
    try:
        with live_state(WRITE_TIMEOUT_S).pipeline(transaction=False) as pipeline:
            for shopper_key, scores in members.items():
                key = _ring_key(tracking_id, shopper_key)
                pipeline.zadd(key, scores)
                pipeline.eval(TRIM, 1, key, RING_LENGTH)
                pipeline.expire(key, TTL_S)
            pipeline.sadd(_index_key(tracking_id), *members)
            pipeline.expire(_index_key(tracking_id), TTL_S)
            live_log.queue_events(pipeline, tracking_id, interactions)
            pipeline.execute()
    except redis.RedisError as error:
        raise BackendUnavailable(f"The live state does not take events: {error}.") from error


def join_rings(tracking_id: str, shopper_key: str, heir_key: str) -> None:
    """Move a shopper's ring into another's, and note there whose it was; repeating it changes nothing.

    Args:
        tracking_id: whose rings.
        shopper_key: who was taken for another shopper until now.
        heir_key: who it really was.

    Raises:
        BackendUnavailable: Valkey does not answer.
    """
    ring, heir_ring = _ring_key(tracking_id, shopper_key), _ring_key(tracking_id, heir_key)
    note = JOINED + shopper_key.encode()
    try:
        with live_state(WRITE_TIMEOUT_S).pipeline(transaction=True) as pipeline:
            # Where an event is in both rings already, both are the same member with the same time.
            pipeline.zunionstore(heir_ring, (heir_ring, ring), aggregate="MAX")
            pipeline.zadd(heir_ring, {note: int(conf.now().timestamp() * 1000)}, nx=True)
            pipeline.eval(TRIM, 1, heir_ring, RING_LENGTH)
            pipeline.expire(heir_ring, TTL_S)
            pipeline.unlink(ring)
            pipeline.srem(_index_key(tracking_id), shopper_key)
            pipeline.sadd(_index_key(tracking_id), heir_key)
            pipeline.expire(_index_key(tracking_id), TTL_S)
            live_log.queue_join(pipeline, tracking_id, user_id=shopper_key, heir_id=heir_key)
            pipeline.execute()
    except redis.RedisError as error:
        raise BackendUnavailable(f"The live state does not join: {error}.") from error


def read_ring(tracking_id: str, shopper_key: str) -> Ring:
    """Return a shopper's ring; empty while Valkey does not answer.

    Args:
        tracking_id: whose ring.
        shopper_key: the shopper.
    """
    global _quiet_until_s
    if time.monotonic() < _quiet_until_s:
        return NO_RING
    try:
        entries: list[tuple[bytes, float]] = live_state(READ_TIMEOUT_S).zrange(
            _ring_key(tracking_id, shopper_key), 0, -1, withscores=True
        )
    except redis.RedisError:
        with _quiet_lock:
            _quiet_until_s = time.monotonic() + QUIET_S
        return NO_RING
    events, joined = [], []
    for member, milliseconds in entries:
        if member.startswith(JOINED):
            joined.append(member[len(JOINED) :].decode())
            continue
        _, event_type, item_id = member.decode().split("|", 2)
        events.append(Event(item_id, int(milliseconds) // 1000, event_type))
    return Ring(tuple(events), tuple(joined[-MOST_JOINED:]))


def read_events(tracking_id: str, shopper_key: str) -> list[Event]:
    """Return the events of a shopper's ring, oldest first; empty while Valkey does not answer."""
    return list(read_ring(tracking_id, shopper_key).events)


def delete_ring(tracking_id: str, shopper_key: str) -> None:
    """Delete one shopper's ring of a tracker, and the shopper's events in its log.

    Raises:
        BackendUnavailable: Valkey does not answer.
    """
    client = live_state(WRITE_TIMEOUT_S)
    try:
        with client.pipeline(transaction=False) as pipeline:
            pipeline.unlink(_ring_key(tracking_id, shopper_key))
            pipeline.srem(_index_key(tracking_id), shopper_key)
            pipeline.execute()
        live_log.erase(client, tracking_id, shopper_key)
    except redis.RedisError as error:
        raise BackendUnavailable(f"The live state does not answer: {error}.") from error


def delete_rings(tracking_id: str) -> None:
    """Delete all rings of a tracker, a page at a time, and its log.

    Raises:
        BackendUnavailable: Valkey does not answer; what is left is deleted by a repeat, or by its time to live.
    """
    client, index = live_state(WRITE_TIMEOUT_S), _index_key(tracking_id)
    try:
        client.unlink(live_log.log_key(tracking_id))
        while True:
            page: list[bytes] = client.srandmember(index, PAGE)
            if not page:
                return
            with client.pipeline(transaction=False) as pipeline:
                pipeline.unlink(*(_ring_key(tracking_id, shopper_key.decode()) for shopper_key in page))
                pipeline.srem(index, *page)
                pipeline.execute()
    except redis.RedisError as error:
        raise BackendUnavailable(f"The live state does not answer: {error}.") from error


def _ring_key(tracking_id: str, shopper_key: str) -> str:
    return f"ring:{tracking_id}:{shopper_key}"


def _index_key(tracking_id: str) -> str:
    return f"rings:{tracking_id}"
