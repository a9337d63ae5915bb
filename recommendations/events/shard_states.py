"""What consumer groups know of a log's shards, in Valkey: who reads each, how far it is done, who died of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from redis import Redis

from recommendations.events.consumer_names import is_dead_here

# A consumer that hangs or died on another machine loses its shards after so long.
LEASE_MS = 30_000
# A consumer that has not asked for so long counts as gone when shards are shared out.
SEEN_MS = 15_000
# The name of one that has not asked for a day tells nothing any more.
FORGOTTEN_MS = 86_400_000
# Instead of a sequence number: the shard is closed and done with.
END = "end"

# keys {lease}, args {owner, milliseconds} -> 1 where the lease is the owner's now, 2 where it was before.
TAKE = """
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return owner and 2 or 1
"""
# keys {lease, hash of checkpoints}, args {owner, shard, checkpoint} -> 1 where it is kept.
KEEP = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
return 1
"""
# keys {lease, hash of deaths}, args {owner, shard}: a shard let go in order has killed nobody.
LET_GO = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('HDEL', KEYS[2], ARGV[2])
return redis.call('DEL', KEYS[1])
"""
# keys {lease}, args {owner}: what a dead owner never let go.
BEREAVE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
"""


@dataclass(frozen=True, slots=True)
class Lease:
    """A shard that is the owner's: where it goes on, and how many owners in a row died with it."""

    checkpoint: str
    n_deaths: int


class ShardStates:
    """One group's leases and checkpoints of one stream. Only a lease's owner moves its checkpoint."""

    def __init__(self, client: Redis, stream: str, group: str) -> None:
        self._client = client
        self._prefix = f"kinesis:{stream}:{group}"
        self._take = client.register_script(TAKE)
        self._keep = client.register_script(KEEP)
        self._let_go = client.register_script(LET_GO)
        self._bereave = client.register_script(BEREAVE)

    def take(self, shard_id: str, owner: str) -> Lease | None:
        """Take a lease or renew it; None where it is another's.

        Args:
            shard_id: whose.
            owner: `consumer:token`, so that a process which starts again is another owner.
        """
        taken: Any = self._take(keys=[self._lease(shard_id)], args=[owner, LEASE_MS])
        if not taken:
            return None
        # Counted before anything is read and taken back when the shard is let go or read to its end.
        began: Any = 0 if taken == 2 else self._client.hincrby(self._deaths, shard_id, 1)
        return Lease(self.checkpoints().get(shard_id, ""), max(int(began) - 1, 0))

    def renew(self, shard_ids: Iterable[str], owner: str) -> set[str]:
        """Prolong leases; those that are the owner's still."""
        return {shard_id for shard_id in shard_ids if self._take(keys=[self._lease(shard_id)], args=[owner, LEASE_MS])}

    def keep(self, shard_id: str, owner: str, checkpoint: str) -> bool:
        """Move a shard's checkpoint; False where the lease is the owner's no more, and nothing was moved."""
        return bool(self._keep(keys=[self._lease(shard_id), self._checkpoints], args=[owner, shard_id, checkpoint]))

    def calm(self, shard_id: str) -> None:
        """Say that the owner outlived all that the shard holds: later deaths are counted anew, its own first."""
        self._client.hset(self._deaths, shard_id, 1)

    def let_go(self, shard_id: str, owner: str) -> None:
        """Give a lease back."""
        self._let_go(keys=[self._lease(shard_id), self._deaths], args=[owner, shard_id])

    def free_dead(self, shard_ids: Iterable[str]) -> None:
        """Free the leases of owners that were processes of this machine and are no more; share with them no longer."""
        for consumer in self._consumer_names():
            if is_dead_here(consumer):
                self.leave(consumer)
        for shard_id in shard_ids:
            owner: Any = self._client.get(self._lease(shard_id))
            if owner is not None and is_dead_here(owner.decode().partition(":")[0]):
                self._bereave(keys=[self._lease(shard_id)], args=[owner])

    def checkpoints(self) -> Mapping[str, str]:
        """How far each shard is done: the sequence number of the last entry, or `END`."""
        found: Any = self._client.hgetall(self._checkpoints)
        return {shard_id.decode(): checkpoint.decode() for shard_id, checkpoint in found.items()}

    def see(self, consumer: str) -> int:
        """Note that a consumer asks for more; how many consumers the group has, this one included."""
        now_ms = self._now_ms()
        with self._client.pipeline(transaction=True) as pipeline:
            pipeline.zadd(self._consumers, {consumer: now_ms})
            pipeline.zremrangebyscore(self._consumers, "-inf", now_ms - FORGOTTEN_MS)
            pipeline.zcount(self._consumers, now_ms - SEEN_MS, "+inf")
            return int(pipeline.execute()[-1])

    def leave(self, consumer: str) -> None:
        """Forget a consumer."""
        self._client.zrem(self._consumers, consumer)

    def seen_s(self) -> float | None:
        """How long ago the liveliest consumer asked, in seconds; None where there is none."""
        newest: Any = self._client.zrange(self._consumers, 0, 0, desc=True, withscores=True)
        return max(0.0, self._now_ms() - newest[0][1]) / 1000 if newest else None

    def _consumer_names(self) -> list[str]:
        names: Any = self._client.zrange(self._consumers, 0, -1)
        return [name.decode() for name in names]

    def _now_ms(self) -> int:
        seconds, microseconds = self._client.time()
        return int(seconds) * 1000 + int(microseconds) // 1000

    def _lease(self, shard_id: str) -> str:
        return f"{self._prefix}:lease:{shard_id}"

    @property
    def _checkpoints(self) -> str:
        return f"{self._prefix}:checkpoints"

    @property
    def _deaths(self) -> str:
        return f"{self._prefix}:deaths"

    @property
    def _consumers(self) -> str:
        return f"{self._prefix}:consumers"
