"""The event stream over Valkey: appended in batches, refused when full, trimmed of what every group acknowledged."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from redis import Redis
from redis.exceptions import OutOfMemoryError, RedisError, ResponseError

from recommendations import conf
from recommendations.events.connections import worker_client
from recommendations.events.consumer_names import is_dead_here
from recommendations.events.poison import Poison
from recommendations.events.stream import (
    ABANDONED_AFTER_MS,
    GROUPS,
    NAME,
    Batch,
    Checkpoint,
    Entry,
    StreamFull,
    StreamOutOfMemory,
    all_groups,
)
from recommendations.exceptions import StreamUnavailable

PAYLOAD = b"records"
POSITION = re.compile(r"\d+-\d+")

# One round trip, and no race between check and write: keys {stream}, args {bound, payload, ...} -> last id or nil.
APPEND = """
if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[1]) then return false end
local last = false
for i = 2, #ARGV do last = redis.call('XADD', KEYS[1], '*', 'records', ARGV[i]) end
return last
"""

Position = tuple[int, int]
BEGINNING: Position = (0, 0)


@dataclass(frozen=True, slots=True)
class PendingEntry:
    """An entry delivered and not acknowledged: to whom, how long ago and how often."""

    entry_id: bytes
    consumer: str
    idle_ms: int
    n_deliveries: int


class ValkeyStream:
    """A Valkey stream behind the port; nothing that a group has not acknowledged is ever trimmed."""

    def __init__(self, client: Redis, *, name: str = NAME, max_length: int, groups: Sequence[str] = GROUPS) -> None:
        self._client = client
        self._name = name
        self._max_length = max_length
        self._groups = tuple(groups)
        self._append = client.register_script(APPEND)
        self._poison = Poison(client, name)

    @classmethod
    def of_settings(cls) -> "ValkeyStream":
        """The shop's stream, as the settings describe it."""
        return cls(worker_client(), max_length=conf.stream_max_length(), groups=all_groups())

    def append(self, payloads: Sequence[bytes]) -> None:
        """Write entries, all or none.

        Args:
            payloads: encoded entries, see `wire.encode_entries`.

        Raises:
            StreamFull: the bound is reached; the groups must catch up first.
            StreamOutOfMemory: a StreamFull for want of Valkey's memory.
            StreamUnavailable: no answer; the entries may have been written, so repeat them under the same event ids.
        """
        if not payloads:
            return
        try:
            last = self._append(keys=[self._name], args=[self._max_length, *payloads])
        except OutOfMemoryError as error:
            raise StreamOutOfMemory(
                "Valkey is out of memory; raise maxmemory or let the consumers catch up."
            ) from error
        except (RedisError, OSError) as error:
            raise StreamUnavailable(f"The event stream is out of reach: {error}.") from error
        if last is None:
            raise StreamFull(f"The event stream holds {self._max_length} entries; are the event consumers running?")

    def ensure_groups(self) -> None:
        """Create the groups that are missing, each from the stream's beginning."""
        for group in self._groups:
            try:
                self._client.xgroup_create(self._name, group, id="0", mkstream=True)
            except ResponseError as error:
                if not str(error).startswith("BUSYGROUP"):
                    raise

    def read(self, group: str, consumer: str, *, count: int, wait_ms: int) -> Batch:
        """Entries that no consumer of the group has had; waits up to `wait_ms` for one."""
        answer = self._client.xreadgroup(group, consumer, {self._name: ">"}, count=count, block=max(wait_ms, 1))
        return Batch(tuple(_entries(answer)))

    def read_held(self, group: str, consumer: str, *, after: bytes, count: int) -> Batch:
        """Entries this consumer holds unacknowledged, behind `after`; each reading counts as a delivery."""
        entries = _entries(self._client.xreadgroup(group, consumer, {self._name: after}, count=count))
        if not entries:
            return Batch()
        first, last = entries[0].entry_id, entries[-1].entry_id
        held = self.pending(group, first=first, last=last, count=count)
        deliveries = {one.entry_id: one.n_deliveries for one in held}
        return Batch(tuple(replace(entry, n_deliveries=deliveries.get(entry.entry_id, 1)) for entry in entries))

    def pending(self, group: str, *, first: bytes = b"-", last: bytes = b"+", count: int) -> list[PendingEntry]:
        """What the group has delivered and not acknowledged, oldest first."""
        rows: Any = self._client.xpending_range(self._name, group, first, last, count)
        return [
            PendingEntry(
                row["message_id"], row["consumer"].decode(), row["time_since_delivered"], row["times_delivered"]
            )
            for row in rows
        ]

    def take_over(self, group: str, consumer: str) -> None:
        """Claim what dead consumers of this machine hold, and what anybody has held for half a minute."""
        for other in self.consumers(group):
            if other != consumer and is_dead_here(other):
                self._claim_from(group, other, consumer)
        self._claim_idle(group, consumer, idle_ms=ABANDONED_AFTER_MS)

    def consumers(self, group: str) -> list[str]:
        """The group's consumers by name, dead ones too."""
        rows: Any = self._client.xinfo_consumers(self._name, group)
        return [row["name"].decode() for row in rows]

    def leave(self, group: str, consumer: str) -> None:
        """Remove a consumer that holds nothing; one that does stays, since its entries would be lost with it."""
        if not self._client.xpending_range(self._name, group, "-", "+", 1, consumername=consumer):
            self._client.xgroup_delconsumer(self._name, group, consumer)

    def commit(self, group: str, checkpoint: Checkpoint) -> None:
        """Acknowledge these entries."""
        if checkpoint.entry_ids:
            self._client.xack(self._name, group, *checkpoint.entry_ids)

    def bury(self, group: str, entry: Entry, reason: str) -> None:
        """Move an entry to the dead letters and acknowledge it, both or neither."""
        with self._client.pipeline(transaction=True) as pipeline:
            self._poison.bury(pipeline, group, entry, reason)
            pipeline.xack(self._name, group, entry.entry_id)
            pipeline.execute()

    def begin_trying(self, group: str, entry: Entry) -> int:
        """Note that a consumer tries an entry alone; how many tries have begun and not ended, this one included."""
        return self._poison.begin_trying(group, entry)

    def end_trying(self, group: str, entry: Entry) -> None:
        """The consumer outlived its try, however it went."""
        self._poison.end_trying(group, entry)

    def length(self) -> int:
        """How many entries the stream holds."""
        return int(self._client.xlen(self._name))

    def n_dead_letters(self) -> int:
        """How many entries were given up on."""
        return self._poison.n_letters()

    def lag(self, group: str) -> int:
        """How many entries the group has still to read or to acknowledge."""
        info = self._groups_info().get(group)
        if info is None:
            return self.length()
        unread = info["lag"]
        return int(info["pending"]) + (self.length() if unread is None else int(unread))

    def waiting_since_s(self, group: str) -> float | None:
        """When the oldest entry that the group has still to acknowledge was written, by Valkey's clock, or None."""
        info = self._groups_info().get(group)
        first = b"-"
        if info is not None:
            if info["pending"]:
                held: Any = self._client.xpending(self._name, group)
                return _parsed(held["min"])[0] / 1000
            first = b"(" + info["last-delivered-id"]
        entries: Any = self._client.xrange(self._name, min=first, count=1)
        return _parsed(entries[0][0])[0] / 1000 if entries else None

    def seen_s(self, group: str) -> float | None:
        """How long ago, in seconds, the group's liveliest consumer asked for more; None where it has none."""
        if group not in self._groups_info():
            return None
        rows: Any = self._client.xinfo_consumers(self._name, group)
        return min((row["idle"] / 1000 for row in rows), default=None)

    def position(self) -> str:
        """The last entry's id: a mark that `has_passed` compares with; "0-0" before the first."""
        try:
            info: Any = self._client.xinfo_stream(self._name)
        except ResponseError:
            return "0-0"
        return str(info["last-generated-id"].decode())

    def has_passed(self, group: str, position: str) -> bool:
        """Whether the group has acknowledged every entry up to a position."""
        if not POSITION.fullmatch(position):
            # A mark of the stream that the shop had before; whoever switches drains that one first.
            return self.lag(group) == 0
        if _parsed(position) == BEGINNING:
            return True
        info = self._groups_info().get(group)
        if info is None or _parsed(info["last-delivered-id"]) < _parsed(position):
            return False
        return not self.pending(group, last=position.encode(), count=1)

    def tend(self) -> None:
        """Trim the stream."""
        self.trim()

    def trim(self) -> int:
        """Remove what every group has acknowledged; returns how many entries that were."""
        with self._client.pipeline(transaction=True) as pipeline:
            pipeline.xinfo_groups(self._name)
            for group in self._groups:
                pipeline.xpending(self._name, group)
            try:
                answer: Any = pipeline.execute()
            except ResponseError:
                # The stream or one of its groups does not exist yet, so nothing is acknowledged by all.
                return 0
        delivered = {row["name"].decode(): _parsed(row["last-delivered-id"]) for row in answer[0]}
        keep_from = min(
            _parsed(summary["min"]) if summary["pending"] else _following(delivered[group])
            for group, summary in zip(self._groups, answer[1:], strict=True)
        )
        return int(self._client.xtrim(self._name, minid=_spelled(keep_from), approximate=False))

    def _claim_idle(self, group: str, consumer: str, *, idle_ms: int) -> None:
        """Take over what other consumers have held for longer than `idle_ms`."""
        batch = 1000
        while True:
            # Claimed entries are idle no longer, so starting over finds only what is left.
            claimed: Any = self._client.xautoclaim(self._name, group, consumer, idle_ms, count=batch, justid=True)
            if len(claimed) < batch:
                return

    def _claim_from(self, group: str, dead: str, consumer: str) -> None:
        """Take over all that a consumer known to be dead holds, and forget it."""
        while True:
            rows: Any = self._client.xpending_range(self._name, group, "-", "+", 1000, consumername=dead)
            if not rows:
                break
            self._client.xclaim(self._name, group, consumer, 0, [row["message_id"] for row in rows], justid=True)
        self.leave(group, dead)

    def _groups_info(self) -> dict[str, dict[str, Any]]:
        try:
            rows: Any = self._client.xinfo_groups(self._name)
        except ResponseError:
            return {}
        return {row["name"].decode(): row for row in rows}


def _entries(answer: Any) -> list[Entry]:
    """Entries of an XREADGROUP answer; those trimmed meanwhile have no fields and an empty payload."""
    found = answer[0][1] if answer else []
    return [Entry(entry_id, (fields or {}).get(PAYLOAD, b"")) for entry_id, fields in found]


def _parsed(position: str | bytes) -> Position:
    text = position.decode() if isinstance(position, bytes) else position
    milliseconds, _, sequence = text.partition("-")
    return int(milliseconds), int(sequence or 0)


def _spelled(position: Position) -> str:
    return f"{position[0]}-{position[1]}"


def _following(position: Position) -> Position:
    return position[0], position[1] + 1
