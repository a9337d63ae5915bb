"""The port of the event stream: append, read, commit, lag; what every log with consumer groups offers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from recommendations import conf
from recommendations.exceptions import StreamUnavailable

NAME = "events"
GROUPS = ("store", "trackers", "recent")
# Longer than any batch takes, so that only a consumer that hangs or died on another machine loses its entries.
ABANDONED_AFTER_MS = 30_000


def all_groups() -> tuple[str, ...]:
    """The package's own consumer groups, then the project's own, whose handlers the project brings along."""
    return (*GROUPS, *conf.event_groups())


class StreamFull(StreamUnavailable):
    """The slowest group is too far behind; new entries are refused."""

    code = "stream_full"


class StreamOutOfMemory(StreamFull):
    """Valkey's memory is used up before the stream's bound is reached; new entries are refused."""

    code = "stream_out_of_memory"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its id as the log spells it, its payload of up to a hundred records, which delivery this is."""

    entry_id: bytes
    payload: bytes
    n_deliveries: int = 1


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Entries that a group is done with, in any order; only the log that gave them out can read their ids."""

    entry_ids: tuple[bytes, ...]

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> "Checkpoint":
        """That of these entries."""
        return cls(tuple(entry.entry_id for entry in entries))


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries that were given out together, oldest first of each shard; empty where there were none."""

    entries: tuple[Entry, ...] = ()

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    @property
    def checkpoint(self) -> Checkpoint:
        """What to commit once all of it is handled."""
        return Checkpoint.of(self.entries)


class EventStream(Protocol):
    """An append-only log that any number of consumer groups read, each at its own pace, each entry at least once.

    A group's consumers share its entries. Entries of one shard come in order; what was not committed comes again, to
    the same consumer or to another one once this one is dead. Every method may raise `StreamUnavailable`, or
    `RedisError` where the groups' state is out of reach: both are to be waited out.
    """

    def append(self, payloads: Sequence[bytes]) -> None:
        """Write entries.

        Args:
            payloads: encoded entries, see `wire.encode_entries`.

        Raises:
            StreamFull: the bound is reached, nothing was written; the groups must catch up first.
            StreamUnavailable: no answer; the entries may have been written, so repeat them under the same event ids.
        """

    def ensure_groups(self) -> None:
        """Create the groups that are missing, each from the stream's beginning."""

    def read(self, group: str, consumer: str, *, count: int, wait_ms: int) -> Batch:
        """At most `count` entries that are the consumer's to do and that it has not had; waits `wait_ms` for one."""

    def read_held(self, group: str, consumer: str, *, after: bytes, count: int) -> Batch:
        """What the consumer had and did not commit, behind an entry's id, `b"0-0"` for all; counts as a delivery."""

    def commit(self, group: str, checkpoint: Checkpoint) -> None:
        """Say that the group is done with these entries; saying it twice changes nothing."""

    def take_over(self, group: str, consumer: str) -> None:
        """Have the consumer go on with what dead consumers of the group had."""

    def leave(self, group: str, consumer: str) -> None:
        """Say that the consumer ends; what it has not committed is another's."""

    def begin_trying(self, group: str, entry: Entry) -> int:
        """Note that a consumer tries an entry alone; how many tries have begun and not ended, this one included."""

    def end_trying(self, group: str, entry: Entry) -> None:
        """The consumer outlived its try, however it went."""

    def bury(self, group: str, entry: Entry, reason: str) -> None:
        """Move an entry to the dead letters, of which the newest ten thousand are kept, and commit it."""

    def tend(self) -> None:
        """Remove what every group is done with, where the log does not see to that by itself."""

    def length(self) -> int:
        """How many entries some group has still to do."""

    def lag(self, group: str) -> int:
        """How many entries the group has still to read or to commit; exact up to a thousand a shard."""

    def waiting_since_s(self, group: str) -> float | None:
        """When the oldest entry that the group has still to commit was written, in epoch seconds, or None."""

    def seen_s(self, group: str) -> float | None:
        """How long ago, in seconds, the group's liveliest consumer asked for more; None where it has none."""

    def position(self) -> str:
        """A mark behind everything written so far, for `has_passed`; may itself write an empty entry."""

    def has_passed(self, group: str, position: str) -> bool:
        """Whether the group has committed every entry up to a mark."""

    def n_dead_letters(self) -> int:
        """How many entries were given up on."""
