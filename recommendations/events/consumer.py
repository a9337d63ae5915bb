"""One consumer of one group: read, handle, acknowledge; outages are waited out, poison is buried, nothing is lost."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connections
from redis.exceptions import ConnectionError as ValkeyConnectionError
from redis.exceptions import OutOfMemoryError, ReadOnlyError, RedisError, ResponseError
from redis.exceptions import TimeoutError as ValkeyTimeoutError

from recommendations.events.connections import worker_client
from recommendations.events.consumer_names import own_name
from recommendations.events.fields import MalformedRecord
from recommendations.events.refusals import refusals
from recommendations.events.schema import Record
from recommendations.events.stream import Checkpoint, Entry, EventStream
from recommendations.events.wire import decode_entry
from recommendations.exceptions import RecommendationsError

logger = logging.getLogger(__name__)
T = TypeVar("T")

Handler = Callable[[Sequence[Record]], None]

# A hundred entries of at most a hundred records.
BATCH_ENTRIES = 100
BLOCK_MS = 250
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 5.0
RECOVER_EVERY_S = 5.0
SUSPECT_AGAIN_S = 0.2
TRIM_EVERY_S = 1.0
POISON_AFTER = 3
ALONE_AFTER = 3
DEADLY_AFTER = 3
VALKEY_OUTAGES = (ValkeyConnectionError, ValkeyTimeoutError, OutOfMemoryError, ReadOnlyError)


class LeavePending(RecommendationsError):
    """A handler's answer: not now, and do not wait for it; the batch comes again while newer ones go on."""

    code = "leave_pending"
    retryable = True


class Stopped(Exception):
    """The consumer was asked to stop while it waited."""


class Consumer:
    """Reads one group until told to stop. A handler must take a repeated batch without effect."""

    def __init__(self, stream: EventStream, group: str, handler: Handler, *, stop: threading.Event) -> None:
        self._stream = stream
        self._group = group
        self._handler = handler
        self._stop = stop
        self._name = own_name()
        self._recover_at = 0.0
        self._trim_at = 0.0

    def run(self, *, drain: bool = False) -> None:
        """Consume until stopped, or with `drain` until nothing is left to read or acknowledge."""
        try:
            self._patiently(self._stream.ensure_groups)
            while not self._stop.is_set():
                n_read = self._patiently(self._guarded_step)
                if drain and not n_read and not self._patiently(lambda: self._stream.lag(self._group)):
                    break
            self._leave()
        except Stopped:
            return
        finally:
            connections.close_all()

    def _guarded_step(self) -> int:
        try:
            return self._step()
        except Exception as error:
            if _is_outage(error) or isinstance(error, Stopped):
                raise
            # A fault of this code: the group must not stand still for it, and someone must look.
            logger.exception("A step of %s failed.", self._group, extra={"code": "consumer_failed"})
            self._stop.wait(LONGEST_PAUSE_S)
            return 1

    def _step(self) -> int:
        if time.monotonic() >= self._recover_at:
            self._recover_at = time.monotonic() + RECOVER_EVERY_S
            self._recover()
        batch = self._stream.read(self._group, self._name, count=BATCH_ENTRIES, wait_ms=BLOCK_MS)
        if batch:
            self._process_carefully(batch.entries)
        if time.monotonic() >= self._trim_at:
            self._trim_at = time.monotonic() + TRIM_EVERY_S
            self._stream.tend()
            refusals.report(worker_client())
        return len(batch.entries)

    def _recover(self) -> None:
        """Take over what the dead left, then go once through all that this consumer holds."""
        self._stream.take_over(self._group, self._name)
        after = b"0-0"
        while not self._stop.is_set():
            batch = self._stream.read_held(self._group, self._name, after=after, count=BATCH_ENTRIES)
            if not batch:
                return
            after = batch.entries[-1].entry_id
            if not self._process_carefully(batch.entries):
                return

    def _process_carefully(self, entries: Sequence[Entry]) -> bool:
        """Handle entries; those delivered often go alone, so that a deadly one harms only itself."""
        often = [entry for entry in entries if entry.n_deliveries > ALONE_AFTER]
        if not self._process([entry for entry in entries if entry.n_deliveries <= ALONE_AFTER]):
            return False
        return all(self._process_alone(entry) for entry in often)

    def _process_alone(self, entry: Entry) -> bool:
        n_tries = self._stream.begin_trying(self._group, entry)
        if n_tries > DEADLY_AFTER:
            self._bury(entry, f"{DEADLY_AFTER} consumers died of it")
            return True
        went_well = self._process([entry])
        self._stream.end_trying(self._group, entry)
        return went_well

    def _process(self, entries: Sequence[Entry]) -> bool:
        """Handle and acknowledge; False where the handler asks for a pause before it sees older entries again."""
        records, sound = self._decoded(entries)
        try:
            if records:
                self._patiently(lambda: self._handler(records))
        except LeavePending as error:
            logger.warning("%s keeps a batch for later: %s", self._group, error, extra={"code": error.code})
            return False
        except Stopped:
            raise
        except Exception as error:
            if len(sound) > 1:
                # Each one has its turn, also behind one that fails.
                outcomes = [self._process([entry]) for entry in sound]
                return all(outcomes)
            logger.exception("%s fails on an entry.", self._group, extra={"code": "entry_failed"})
            self._suspect(sound[0], repr(error))
            return True
        self._patiently(lambda: self._stream.commit(self._group, Checkpoint.of(sound)))
        return True

    def _decoded(self, entries: Sequence[Entry]) -> tuple[list[Record], list[Entry]]:
        records: list[Record] = []
        sound: list[Entry] = []
        for entry in entries:
            try:
                decoded = decode_entry(entry.payload)
            except MalformedRecord as error:
                self._suspect(entry, str(error))
                continue
            refusals.add_all(self._group, decoded.refusals)
            records.extend(decoded.records)
            sound.append(entry)
        return records, sound

    def _suspect(self, entry: Entry, reason: str) -> None:
        """An entry that fails by itself comes again soon, and is buried at the third delivery."""
        if entry.n_deliveries >= POISON_AFTER:
            self._bury(entry, reason)
        else:
            self._recover_at = min(self._recover_at, time.monotonic() + SUSPECT_AGAIN_S)

    def _bury(self, entry: Entry, reason: str) -> None:
        self._stream.bury(self._group, entry, reason)
        refusals.add(self._group, "dead_letter")
        logger.error("%s gives up on entry %r: %s", self._group, entry.entry_id, reason, extra={"code": "dead_letter"})

    def _patiently(self, call: Callable[[], T]) -> T:
        """Repeat a call until it is through an outage of Valkey or PostgreSQL.

        Raises:
            Stopped: told to stop while waiting.
        """
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                return call()
            except Exception as error:
                if not _is_outage(error):
                    raise
                logger.warning("%s waits %.1f s: %r", self._group, pause_s, error, extra={"code": "consumer_waits"})
                connections.close_all()
                self._recover_at = 0.0
                if self._stop.wait(pause_s):
                    raise Stopped from error
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
                if str(error).startswith("NOGROUP"):
                    self._restore_groups()

    def _restore_groups(self) -> None:
        """Valkey came back without the stream, so its groups are made anew."""
        with suppress(RedisError):
            self._stream.ensure_groups()

    def _leave(self) -> None:
        with suppress(RedisError):
            self._stream.leave(self._group, self._name)


def _is_outage(error: Exception) -> bool:
    if isinstance(error, LeavePending):
        return False
    if isinstance(error, RecommendationsError):
        return error.retryable
    if isinstance(error, ResponseError):
        return isinstance(error, VALKEY_OUTAGES) or str(error).startswith("NOGROUP")
    return isinstance(error, (OperationalError, InterfaceError, *VALKEY_OUTAGES))
