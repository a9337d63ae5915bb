"""Which young items a tracker's newest lists held, by recommendation id: bounded, in Valkey."""

import json
from collections.abc import Mapping, Sequence

import redis

from recommendations import conf
from recommendations.adapters.embedded.live_state import live_state
from recommendations.exceptions import BackendUnavailable

# Lists that are remembered: those of half an hour at ten a second; about 5 MB a tracker.
REMEMBERED = 20_000
TTL_S = 7 * 86_400
# A page waits for the writing; whoever sends events has time.
WRITE_TIMEOUT_S = 0.05
READ_TIMEOUT_S = 2.0

_REMEMBER = """
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
local extra = redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[4])
if extra > 0 then
    for _, oldest in ipairs(redis.call('ZRANGE', KEYS[2], 0, extra - 1)) do redis.call('HDEL', KEYS[1], oldest) end
    redis.call('ZREMRANGEBYRANK', KEYS[2], 0, extra - 1)
end
redis.call('EXPIRE', KEYS[1], ARGV[5])
redis.call('EXPIRE', KEYS[2], ARGV[5])
return 1
"""


def remember_list(tracking_id: str, recommendation_id: str, item_ids: Sequence[str]) -> None:
    """Keep what a list held; the oldest list is forgotten where there are too many.

    Raises:
        BackendUnavailable: Valkey does not answer.
    """
    told = (recommendation_id, json.dumps(item_ids), conf.now().timestamp(), REMEMBERED, TTL_S)
    try:
        live_state(WRITE_TIMEOUT_S).eval(_REMEMBER, 2, _lists_key(tracking_id), _order_key(tracking_id), *told)
    except redis.RedisError as error:
        raise BackendUnavailable(f"The live state does not remember: {error}.") from error


def read_lists(tracking_id: str, recommendation_ids: Sequence[str]) -> Mapping[str, Sequence[str]]:
    """Return what each list held; those that are not remembered are left out.

    Raises:
        BackendUnavailable: Valkey does not answer.
    """
    if not recommendation_ids:
        return {}
    try:
        found = live_state(READ_TIMEOUT_S).hmget(_lists_key(tracking_id), recommendation_ids)
    except redis.RedisError as error:
        raise BackendUnavailable(f"The live state does not answer: {error}.") from error
    return {name: json.loads(held) for name, held in zip(recommendation_ids, found, strict=True) if held is not None}


def delete_lists(tracking_id: str) -> None:
    """Forget all lists of a tracker.

    Raises:
        BackendUnavailable: Valkey does not answer.
    """
    try:
        live_state(READ_TIMEOUT_S).unlink(_lists_key(tracking_id), _order_key(tracking_id))
    except redis.RedisError as error:
        raise BackendUnavailable(f"The live state does not answer: {error}.") from error


def _lists_key(tracking_id: str) -> str:
    return f"listed:{tracking_id}"


def _order_key(tracking_id: str) -> str:
    return f"listed_order:{tracking_id}"
