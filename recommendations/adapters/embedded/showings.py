"""How often a tracker's young items were shown and clicked on: two bounded counters in Valkey, each sight once."""

from collections.abc import Iterable, Sequence

import numpy as np
import redis

from recommendations import conf
from recommendations.adapters.embedded.live_state import live_state
from recommendations.engine.answers.exploration import Shown
from recommendations.exceptions import BackendUnavailable

TTL_S = 60 * 86_400
TIMEOUT_S = 2.0
# Sights that are remembered, so that one told twice counts once; about 2 MB a tracker.
REMEMBERED = 20_000
PAGE = 1_000

# Counts what is of a young item and was not told before.
_COUNT = """
for place = 4, #ARGV, 2 do
    local sight, item = ARGV[place], ARGV[place + 1]
    if redis.call('SISMEMBER', KEYS[1], item) == 1 and redis.call('ZADD', KEYS[2], 'NX', ARGV[1], sight) == 1 then
        redis.call('HINCRBY', KEYS[3], item, 1)
    end
end
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -1 - tonumber(ARGV[2]))
redis.call('EXPIRE', KEYS[2], ARGV[3])
redis.call('EXPIRE', KEYS[3], ARGV[3])
return 1
"""


def announce_young(tracking_id: str, item_ids: Sequence[str]) -> None:
    """Have a tracker count for these items, beside those that it counts for.

    Raises:
        BackendUnavailable: Valkey does not answer.
    """
    if not item_ids:
        return
    try:
        with live_state(TIMEOUT_S).pipeline(transaction=False) as pipeline:
            for first in range(0, len(item_ids), PAGE):
                pipeline.sadd(_young_key(tracking_id), *item_ids[first : first + PAGE])
            pipeline.expire(_young_key(tracking_id), TTL_S)
            pipeline.execute()
    except redis.RedisError as error:
        raise BackendUnavailable(f"The live state does not answer: {error}.") from error


def count_impressions(tracking_id: str, sights: Iterable[tuple[bytes, str]]) -> None:
    """Count sights of items; those of items that are not young, and those counted lately, change nothing.

    Args:
        tracking_id: whose counters.
        sights: an id of each sight, and its item.

    Raises:
        BackendUnavailable: Valkey does not answer.
    """
    _count(tracking_id, _shown_key(tracking_id), sights)


def count_clicks(tracking_id: str, sights: Iterable[tuple[bytes, str]]) -> None:
    """Count clicks on items, as `count_impressions` does sights of them.

    Raises:
        BackendUnavailable: Valkey does not answer.
    """
    _count(tracking_id, _clicked_key(tracking_id), sights)


def read_shown(tracking_id: str, item_ids: Sequence[str]) -> Shown | None:
    """Return how young items have done, in their order; None where Valkey knows of no young item.

    Args:
        tracking_id: whose counters.
        item_ids: the young items.

    Raises:
        BackendUnavailable: Valkey does not answer.
    """
    try:
        with live_state(TIMEOUT_S).pipeline(transaction=False) as pipeline:
            pipeline.exists(_young_key(tracking_id))
            pipeline.hgetall(_shown_key(tracking_id))
            pipeline.hgetall(_clicked_key(tracking_id))
            is_known, shown, clicked = pipeline.execute()
    except redis.RedisError as error:
        raise BackendUnavailable(f"The live state does not answer: {error}.") from error
    if not is_known:
        return None
    names = [item_id.encode() for item_id in item_ids]
    return Shown(*(np.array([int(counts.get(name, 0)) for name in names], np.float64) for counts in (shown, clicked)))


def delete_showings(tracking_id: str) -> None:
    """Delete all counters of a tracker.

    Raises:
        BackendUnavailable: Valkey does not answer.
    """
    keys = (_young_key(tracking_id), _shown_key(tracking_id), _clicked_key(tracking_id), _told_key(tracking_id))
    try:
        live_state(TIMEOUT_S).unlink(*keys)
    except redis.RedisError as error:
        raise BackendUnavailable(f"The live state does not answer: {error}.") from error


def _count(tracking_id: str, counter_key: str, sights: Iterable[tuple[bytes, str]]) -> None:
    told = [part for sight, item_id in sights for part in (counter_key.encode() + sight, item_id)]
    if not told:
        return
    keys = (_young_key(tracking_id), _told_key(tracking_id), counter_key)
    try:
        live_state(TIMEOUT_S).eval(_COUNT, 3, *keys, conf.now().timestamp(), REMEMBERED, TTL_S, *told)
    except redis.RedisError as error:
        raise BackendUnavailable(f"The live state does not count: {error}.") from error


def _young_key(tracking_id: str) -> str:
    return f"young:{tracking_id}"


def _told_key(tracking_id: str) -> str:
    return f"told:{tracking_id}"


def _shown_key(tracking_id: str) -> str:
    return f"shown:{tracking_id}"


def _clicked_key(tracking_id: str) -> str:
    return f"clicked:{tracking_id}"
