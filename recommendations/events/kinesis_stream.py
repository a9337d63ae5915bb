"""The event stream over Amazon Kinesis: entries lie in its shards, checkpoints, leases and dead letters in Valkey."""

import json
import time
from collections.abc import Mapping, Sequence

from redis import Redis

from recommendations.adapters.aws.kinesis import KinesisLog, LogRecord, open_log
from recommendations.events.connections import worker_client
from recommendations.events.poison import Poison
from recommendations.events.shard_member import ShardMember
from recommendations.events.shard_states import END, ShardStates
from recommendations.events.stream import GROUPS, NAME, Batch, Checkpoint, Entry, all_groups

# Source: Amazon Kinesis Data Streams API reference, PutRecords: a record of 1 MiB at most, its key included.
RECORD_BYTES = 1024 * 1024 - 256
# An entry without records: it only has a place.
MARK = b"[]"


class KinesisStream:
    """A stream of Kinesis behind the port.

    Kinesis forgets by age, a day by default, whatever was read: nothing is refused for being full, and a group that
    stands still for longer loses the oldest. Without Valkey's checkpoints groups read all that is kept again, which
    handlers take without effect.
    """

    def __init__(
        self, log: KinesisLog, client: Redis, *, stream: str, name: str = NAME, groups: Sequence[str] = GROUPS
    ) -> None:
        self._log = log
        self._client = client
        self._stream = stream
        self._groups = tuple(groups)
        self._poison = Poison(client, name)
        self._members: dict[tuple[str, str], ShardMember] = {}

    @classmethod
    def of_settings(cls, stream: str) -> "KinesisStream":
        """The shop's stream of this name, in boto3's own region."""
        return cls(open_log(stream), worker_client(), stream=stream, groups=all_groups())

    def append(self, payloads: Sequence[bytes]) -> None:
        """Write entries, in one call where they are at most 500.

        Raises:
            StreamUnavailable: not all were taken, or nobody knows; repeat them under the same event ids.
        """
        if payloads:
            self._log.put([part for payload in payloads for part in _fitting(payload)])

    def ensure_groups(self) -> None:
        """Check that the stream is there; a group begins by itself, at the oldest entry.

        Raises:
            StreamUnavailable: no such stream, or it is out of reach.
        """
        self._log.shards()

    def read(self, group: str, consumer: str, *, count: int, wait_ms: int) -> Batch:
        """Entries of the consumer's share of shards that it has not had; looks twice, `wait_ms` apart."""
        member = self._member(group, consumer)
        entries = member.read(count)
        if not entries and wait_ms:
            time.sleep(wait_ms / 1000)
            entries = member.read(count)
        return Batch(tuple(entries))

    def read_held(self, group: str, consumer: str, *, after: bytes, count: int) -> Batch:
        """What this consumer had and has not committed, behind an entry; each reading counts as a delivery."""
        return Batch(tuple(self._member(group, consumer).read_held(after, count)))

    def commit(self, group: str, checkpoint: Checkpoint) -> None:
        """Move the group's checkpoint in each shard up to the oldest entry that is not done."""
        for (of_group, _), member in self._members.items():
            if of_group == group:
                member.finish(checkpoint.entry_ids)

    def take_over(self, group: str, consumer: str) -> None:
        """Take the shards of this machine's dead consumers; other machines' are free once their leases run out."""
        self._member(group, consumer).take_over()

    def leave(self, group: str, consumer: str) -> None:
        """Give the consumer's shards back; what it has not committed, the next one reads again."""
        self._member(group, consumer).leave()
        del self._members[group, consumer]

    def begin_trying(self, group: str, entry: Entry) -> int:
        """Note that a consumer tries an entry alone; how many tries have begun and not ended, this one included."""
        return self._poison.begin_trying(group, entry)

    def end_trying(self, group: str, entry: Entry) -> None:
        """The consumer outlived its try, however it went."""
        self._poison.end_trying(group, entry)

    def bury(self, group: str, entry: Entry, reason: str) -> None:
        """Move an entry to the dead letters in Valkey, then commit it: a death between the two buries it twice."""
        self._poison.bury(self._client, group, entry, reason)
        self.commit(group, Checkpoint.of([entry]))

    def tend(self) -> None:
        """Nothing: Kinesis forgets by age."""

    def length(self) -> int:
        """How many entries the slowest group has still to do."""
        return max((self.lag(group) for group in self._groups), default=0)

    def n_dead_letters(self) -> int:
        """How many entries were given up on."""
        return self._poison.n_letters()

    def lag(self, group: str) -> int:
        """How many entries lie behind the group's checkpoints, a thousand of each shard at most."""
        return sum(len(records) for records in self._unfinished(group).values())

    def waiting_since_s(self, group: str) -> float | None:
        """When the oldest entry behind the group's checkpoints was written, by Kinesis's clock, or None."""
        return min((records[0].written_s for records in self._unfinished(group).values() if records), default=None)

    def seen_s(self, group: str) -> float | None:
        """How long ago, in seconds, the group's liveliest consumer asked for more; None where it has none."""
        return self._states(group).seen_s()

    def position(self) -> str:
        """Write an empty entry to each open shard: their places, `shard:sequence` separated by commas, are the mark."""
        marks = [self._log.put([MARK], shard=shard)[0] for shard in self._log.shards() if shard.is_open]
        return ",".join(f"{shard_id}:{sequence}" for shard_id, sequence in marks)

    def has_passed(self, group: str, position: str) -> bool:
        """Whether the group's checkpoints have reached a mark; shards that Kinesis has forgotten hold nothing more."""
        checkpoints = self._states(group).checkpoints()
        known = {shard.shard_id for shard in self._log.shards()}
        for mark in filter(None, position.split(",")):
            shard_id, _, sequence = mark.rpartition(":")
            done = checkpoints.get(shard_id, "")
            if shard_id in known and done != END and (not done or int(done) < int(sequence)):
                return False
        return True

    def _unfinished(self, group: str) -> Mapping[str, Sequence[LogRecord]]:
        checkpoints = self._states(group).checkpoints()
        return {
            shard.shard_id: self._log.read(shard.shard_id, checkpoints.get(shard.shard_id, "")).records
            for shard in self._log.shards()
            if checkpoints.get(shard.shard_id) != END
        }

    def _states(self, group: str) -> ShardStates:
        return ShardStates(self._client, self._stream, group)

    def _member(self, group: str, consumer: str) -> ShardMember:
        member = self._members.get((group, consumer))
        if member is None:
            member = self._members[group, consumer] = ShardMember(self._log, self._states(group), consumer)
        return member


def _fitting(payload: bytes) -> list[bytes]:
    """An entry as one record, or as several where a hundred long lists are too many for one."""
    if len(payload) <= RECORD_BYTES:
        return [payload]
    records = json.loads(payload)
    middle = len(records) // 2
    halves = (records[:middle], records[middle:])
    encoded = (json.dumps(half, separators=(",", ":"), ensure_ascii=False).encode() for half in halves)
    return [part for half in encoded for part in _fitting(half)]
