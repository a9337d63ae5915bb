"""One consumer of a group over a log of shards: takes its share of them, reads them in turn, keeps checkpoints."""

import math
import time
from collections.abc import Iterable
from uuid import uuid4

from recommendations.adapters.aws.kinesis import KinesisLog, Shard
from recommendations.events.shard_reading import ShardReading, place_of
from recommendations.events.shard_states import END, ShardStates
from recommendations.events.stream import Entry

SHARE_EVERY_S = 1.0


class ShardMember:
    """A group's shards are shared out evenly among its consumers; a child follows only once its parents are done."""

    def __init__(self, log: KinesisLog, states: ShardStates, consumer: str) -> None:
        self._log = log
        self._states = states
        self._consumer = consumer
        self._owner = f"{consumer}:{uuid4().hex}"
        self._readings: dict[str, ShardReading] = {}
        self._share_at = -SHARE_EVERY_S

    def read(self, count: int) -> list[Entry]:
        """At most `count` entries of its shards that it has not had, one shard after the other."""
        self._share()
        entries: list[Entry] = []
        for shard_id, reading in list(self._readings.items()):
            entries += reading.deliver(count - len(entries))
            if reading.is_idle:
                self._settle(reading)
            if entries:
                # Its turn comes again after all others'.
                self._readings[shard_id] = self._readings.pop(shard_id)
            if len(entries) >= count:
                break
        return entries

    def read_held(self, after: bytes, count: int) -> list[Entry]:
        """At most `count` entries that it had and that are not done, by shard and sequence number."""
        entries: list[Entry] = []
        for shard_id in sorted(self._readings):
            if shard_id >= place_of(after)[0]:
                entries += self._readings[shard_id].deliver_again(after, count - len(entries))
        return entries

    def finish(self, entry_ids: Iterable[bytes]) -> None:
        """Entries are done: move the checkpoints as far as that goes."""
        touched = {}
        for entry in entry_ids:
            reading = self._readings.get(place_of(entry)[0])
            if reading is not None:
                reading.finish(entry)
                touched[reading.shard_id] = reading
        for reading in touched.values():
            self._settle(reading)

    def take_over(self) -> None:
        """Take what dead consumers of this machine had, as far as it is this one's share."""
        self._states.free_dead(shard.shard_id for shard in self._log.shards() if shard.shard_id not in self._readings)
        self._share_at = -SHARE_EVERY_S
        self._share()

    def leave(self) -> None:
        """Give all shards back."""
        for shard_id in list(self._readings):
            self._drop(shard_id)
        self._states.leave(self._consumer)

    def _settle(self, reading: ShardReading) -> None:
        checkpoint = reading.advance()
        if checkpoint is not None and not self._states.keep(reading.shard_id, self._owner, checkpoint):
            # Another has it by now and does again whatever was done since.
            self._readings.pop(reading.shard_id, None)
        elif checkpoint == END:
            self._drop(reading.shard_id)
            self._share_at = -SHARE_EVERY_S
        elif reading.is_idle and not reading.is_calm:
            self._states.calm(reading.shard_id)
            reading.is_calm = True

    def _share(self) -> None:
        if time.monotonic() < self._share_at:
            return
        self._share_at = time.monotonic() + SHARE_EVERY_S
        kept = self._states.renew(self._readings, self._owner)
        self._readings = {shard_id: reading for shard_id, reading in self._readings.items() if shard_id in kept}
        n_consumers = self._states.see(self._consumer)
        due = self._due()
        most = math.ceil(len(due) / n_consumers)
        idle = [shard_id for shard_id, reading in self._readings.items() if reading.is_idle]
        for shard_id in idle[: max(0, len(self._readings) - most)]:
            self._drop(shard_id)
        for shard in due:
            if len(self._readings) >= most:
                break
            if shard.shard_id not in self._readings:
                self._take(shard.shard_id)

    def _due(self) -> list[Shard]:
        shards, checkpoints = self._log.shards(), self._states.checkpoints()
        unfinished = {shard.shard_id for shard in shards if checkpoints.get(shard.shard_id) != END}
        return [shard for shard in shards if shard.shard_id in unfinished and not unfinished & set(shard.parents)]

    def _take(self, shard_id: str) -> None:
        lease = self._states.take(shard_id, self._owner)
        if lease is not None:
            self._readings[shard_id] = ShardReading(self._log, shard_id, lease)

    def _drop(self, shard_id: str) -> None:
        self._readings.pop(shard_id, None)
        self._states.let_go(shard_id, self._owner)
