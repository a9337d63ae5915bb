"""What a shopper did last, in Valkey: written by the `recent` group, read by pages within 50 ms or not at all."""

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from recommendations.events import ids
from recommendations.events.connections import page_client, worker_client
from recommendations.events.schema import PURCHASE, TRADES, Joined, Record
from recommendations.ports import Interaction

KEPT = 100
BOUGHT_KEPT = 500
LIFE_S = 90 * 86_400
PAUSE_AFTER_FAILURE_S = 2.0

_retry_at = 0.0


@dataclass(frozen=True, slots=True)
class RecentEvent:
    """One thing a shopper did."""

    item_id: str
    event_type: str
    occurred_at: datetime


def handle(records: Sequence[Record]) -> None:
    """Add interactions to their shoppers' rings; repeating one changes nothing.

    Raises:
        RedisError: Valkey is out of reach.
    """
    write(records, client=worker_client())


def write(records: Sequence[Record], *, client: Redis) -> None:
    """Add interactions to their shoppers' rings, then join the rings of joined keys, in one pipeline."""
    rings: dict[str, dict[str, float]] = defaultdict(dict)
    traded: dict[str, dict[str, float]] = defaultdict(dict)
    for record in records:
        if not isinstance(record, Interaction):
            continue
        score = record.occurred_at.timestamp()
        rings[record.shopper_key][f"{record.event_id.hex}|{record.event_type}|{record.item_id}"] = score
        if record.event_type in TRADES:
            member = f"{record.event_type}|{record.item_id}"
            traded[record.shopper_key][member] = max(score, traded[record.shopper_key].get(member, score))
    joins = [record for record in records if isinstance(record, Joined)]
    if not rings and not joins:
        return
    pipeline = client.pipeline(transaction=False)
    for shopper_key, members in rings.items():
        _add(pipeline, _ring(shopper_key), members, KEPT)
    for shopper_key, members in traded.items():
        _add(pipeline, _trades(shopper_key), members, BOUGHT_KEPT, greatest=True)
    for join in joins:
        for key_of, kept in ((_ring, KEPT), (_trades, BOUGHT_KEPT)):
            _move(pipeline, key_of(join.shopper_key), key_of(join.heir_key), kept)
    pipeline.execute()


def recent(shopper_key: str, limit: int = KEPT) -> list[RecentEvent]:
    """The shopper's last events, newest first; empty where there are none or Valkey is out of reach.

    Args:
        shopper_key: whose.
        limit: 1..100.
    """
    rows = _read(_ring(shopper_key), min(limit, KEPT))
    return [_event(member.decode(), score) for member, score in rows]


def bought(shopper_key: str) -> set[str]:
    """The items the shopper bought and did not return; empty where Valkey is out of reach."""
    purchased: dict[str, float] = {}
    returned: dict[str, float] = {}
    for member, score in _read(_trades(shopper_key), BOUGHT_KEPT):
        event_type, _, item_id = member.decode().partition("|")
        (purchased if event_type == PURCHASE else returned)[item_id] = score
    return {item_id for item_id, at in purchased.items() if at > returned.get(item_id, float("-inf"))}


def forget(shopper_key: str) -> None:
    """Erase what is kept of a shopper.

    Raises:
        RedisError: Valkey is out of reach, so nothing was erased.
    """
    worker_client().delete(_ring(shopper_key), _trades(shopper_key))


def forget_failure() -> None:
    """Read again at once, whatever failed before; for tests."""
    global _retry_at
    _retry_at = 0.0


def _add(pipeline: Any, key: str, members: dict[str, float], kept: int, *, greatest: bool = False) -> None:
    pipeline.zadd(key, members, gt=greatest)
    pipeline.zremrangebyrank(key, 0, -kept - 1)
    pipeline.expire(key, LIFE_S)


def _move(pipeline: Any, key: str, heir: str, kept: int) -> None:
    pipeline.zunionstore(heir, (heir, key), aggregate="MAX")
    pipeline.zremrangebyrank(heir, 0, -kept - 1)
    pipeline.expire(heir, LIFE_S)
    pipeline.unlink(key)


def _read(key: str, limit: int) -> list[tuple[bytes, float]]:
    global _retry_at
    if limit < 1 or time.monotonic() < _retry_at:
        return []
    try:
        rows: Any = page_client().zrange(key, 0, limit - 1, desc=True, withscores=True)
    except (RedisError, OSError):
        # A page pays the timeout once, not once for each row.
        _retry_at = time.monotonic() + PAUSE_AFTER_FAILURE_S
        return []
    return list(rows)


def _event(member: str, score: float) -> RecentEvent:
    _, event_type, item_id = member.split("|", 2)
    return RecentEvent(item_id, event_type, ids.EPOCH + score * ids.SECOND)


def _ring(shopper_key: str) -> str:
    return f"recent:{shopper_key}"


def _trades(shopper_key: str) -> str:
    return f"trades:{shopper_key}"
