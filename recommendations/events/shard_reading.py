"""One shard as one consumer reads it: what was fetched, given out and done, and how far all of it is done."""

from collections import OrderedDict, deque
from dataclasses import dataclass

from recommendations.adapters.aws.kinesis import KinesisLog, LogRecord
from recommendations.events.shard_states import END, Lease
from recommendations.events.stream import Entry

# Given out and not done; beyond that nothing new is fetched until the oldest are.
MOST_HELD = 1000


@dataclass(slots=True)
class _Held:
    payload: bytes
    n_deliveries: int
    is_done: bool = False


def entry_id(shard_id: str, sequence: str) -> bytes:
    """How an entry of a shard is named."""
    return f"{shard_id}:{sequence}".encode()


def place_of(entry: bytes) -> tuple[str, int]:
    """The shard and the sequence number of an entry's id; before all others for the id `b"0-0"`."""
    shard_id, _, sequence = entry.decode().rpartition(":")
    return (shard_id, int(sequence)) if shard_id else ("", 0)


class ShardReading:
    """Goes on behind a lease's checkpoint, in order; entries may be done in any order, the checkpoint follows them."""

    def __init__(self, log: KinesisLog, shard_id: str, lease: Lease) -> None:
        self._log = log
        self.shard_id = shard_id
        self._after = lease.checkpoint
        # Whatever killed those who read it before comes as if it had been given out so often.
        self._first_delivery = 1 + lease.n_deaths
        self._waiting: deque[LogRecord] = deque()
        self._held: OrderedDict[bytes, _Held] = OrderedDict()
        self._is_ended = False
        self.is_calm = not lease.n_deaths

    def deliver(self, count: int) -> list[Entry]:
        """At most `count` entries that were not given out yet.

        Raises:
            StreamUnavailable: no answer in time.
        """
        if not self._waiting and not self._is_ended and len(self._held) < MOST_HELD:
            self._fetch()
        entries: list[Entry] = []
        while self._waiting and len(entries) < count and len(self._held) < MOST_HELD:
            record = self._waiting.popleft()
            entry = Entry(entry_id(self.shard_id, record.sequence), record.payload, self._first_delivery)
            self._held[entry.entry_id] = _Held(entry.payload, entry.n_deliveries)
            entries.append(entry)
        return entries

    def deliver_again(self, after: bytes, count: int) -> list[Entry]:
        """At most `count` entries behind one that were given out and are not done; each time counts."""
        entries: list[Entry] = []
        for key, held in self._held.items():
            if len(entries) == count:
                break
            if not held.is_done and place_of(key) > place_of(after):
                held.n_deliveries += 1
                entries.append(Entry(key, held.payload, held.n_deliveries))
        return entries

    def finish(self, key: bytes) -> None:
        """An entry is done."""
        if key in self._held:
            self._held[key].is_done = True

    def advance(self) -> str | None:
        """Forget the oldest as far as they are done; the checkpoint that this gives, None where it stays."""
        last = None
        while self._held and next(iter(self._held.values())).is_done:
            last = self._held.popitem(last=False)[0]
        if self._is_ended and self.is_idle:
            return END
        return str(place_of(last)[1]) if last is not None else None

    @property
    def is_idle(self) -> bool:
        """Whether nothing was fetched that is not done."""
        return not self._held and not self._waiting

    def _fetch(self) -> None:
        answer = self._log.read(self.shard_id, self._after)
        self._waiting.extend(answer.records)
        self._is_ended = answer.is_end
        if answer.records:
            self._after = answer.records[-1].sequence
        elif not self._held:
            # Read to its end and all done: what comes now has killed nobody.
            self._first_delivery = 1
