"""The event stream over Valkey: appended in batches, refused when full, trimmed of what every group acknowledged."""

from collections.abc import Sequence
from dataclasses import dataclass

from redis import Redis
from redis.exceptions import OutOfMemoryError, RedisError

from recommendations import conf
from recommendations.events.connections import worker_client
from recommendations.exceptions import StreamUnavailable

NAME = "events"
GROUPS = ("store", "trackers", "recent")
PAYLOAD = b"records"
DEAD_LETTERS_KEPT = 10_000

# One round trip, and no race between check and write: keys {stream}, args {bound, payload, ...} -> last id or nil.
APPEND = """
if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[1]) then return false end
local last = false
for i = 2, #ARGV do last = redis.call('XADD', KEYS[1], '*', 'records', ARGV[i]) end
return last
"""

Position = tuple[int, int]
BEGINNING: Position = (0, 0)


class StreamFull(StreamUnavailable):
    """The slowest group is too far behind, or Valkey's memory is used up; new entries are refused."""

    code = "stream_full"


@dataclass(frozen=True, slots=True)
class Entry:
    """One stream entry: its id as Valkey spells it, and its payload of up to a hundred records."""

    entry_id: bytes
    payload: bytes


@dataclass(frozen=True, slots=True)
class PendingEntry:
    """An entry delivered and not acknowledged: to whom, how long ago and how often."""

    entry_id: bytes
    consumer: str
    idle_ms: int
    n_deliveries: int


class EventStream:
    """An append-only log with consumer groups; nothing a group has not acknowledged is ever trimmed."""

    def __init__(self, client: Redis, *, name: str = NAME, max_length: int, groups: Sequence[str] = GROUPS) -> None:
        self._client = client
        self._name = name
        self._max_length = max_length
        self._groups = tuple(groups)
        self._append = client.register_script(APPEND)

    @classmethod
    def of_settings(cls) -> "EventStream":
        """The shop's stream, as the settings describe it."""
        return cls(worker_client(), max_length=conf.stream_max_length())

    def append(self, payloads: Sequence[bytes]) -> None:
        """Write entries, all or none.

        Args:
            payloads: encoded entries, see `schema.encode_entry`.

        Raises:
            StreamFull: the bound is reached; the groups must catch up first.
            StreamUnavailable: no answer; the entries may have been written, so repeat them under the same event ids.
        """
        if not payloads:
            return
        try:
            last = self._append(keys=[self._name], args=[self._max_length, *payloads])
        except OutOfMemoryError as error:
            raise StreamFull("Valkey is out of memory; raise maxmemory or let the consumers catch up.") from error
        except (RedisError, OSError) as error:
            raise StreamUnavailable(f"The event stream is out of reach: {error}.") from error
        if last is None:
            raise StreamFull(f"The event stream holds {self._max_length} entries; are the event consumers running?")
