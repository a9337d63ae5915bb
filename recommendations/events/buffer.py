"""The bounded in-process buffer: a request leaves its records here, a thread takes them to the stream within 50 ms."""

import logging
import os
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.util import Finalize

from redis.exceptions import RedisError

from recommendations import conf, monitoring
from recommendations.events.connections import worker_client
from recommendations.events.fields import MalformedRecord
from recommendations.events.refusals import refusals
from recommendations.events.schema import Exposed, Impression, ItemChanged, Joined, PageServed, Record, ServedList
from recommendations.events.stream import EventStream, StreamFull
from recommendations.events.streams import open_stream
from recommendations.events.wire import check_record, encode_entries
from recommendations.exceptions import StreamUnavailable
from recommendations.ports import Interaction

logger = logging.getLogger(__name__)

MAX_WAITING = 10_000
GATHER_S = 0.03
FLUSH_RECORDS = 2_000
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0
EXIT_PATIENCE_S = 1.0


@dataclass(frozen=True, slots=True)
class BufferStats:
    """What one process's buffer did since it began."""

    recorded: int
    flushed: int
    waiting: int
    dropped: dict[str, int]


class Buffer:
    """Records wait here in order; a full buffer or a full stream drops the new ones and counts them.

    While the stream is out of reach the waiting ones stay, so that a restart of Valkey costs nothing until the
    bound is reached. The thread starts with the first record, in whichever process that is: forking servers are safe.
    """

    def __init__(self, stream: Callable[[], EventStream], *, max_waiting: int = MAX_WAITING) -> None:
        self._stream = stream
        self._max_waiting = max_waiting
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._waiting: deque[Record] = deque()
        self._wake = threading.Event()
        self._starting = threading.Lock()
        self._flushing = threading.Lock()
        self._thread: threading.Thread | None = None
        self._recorded = self._flushed = 0
        self._dropped: Counter[str] = Counter()

    def add(self, record: Record) -> bool:
        """Take a record, in a few microseconds; False where it was dropped."""
        if len(self._waiting) >= self._max_waiting:
            self._drop("buffer_full", 1)
            return False
        self._waiting.append(record)
        self._recorded += 1
        if self._thread is None:
            self._start()
        if not self._wake.is_set():
            self._wake.set()
        return True

    def stats(self) -> BufferStats:
        """Counts since this process began."""
        return BufferStats(self._recorded, self._flushed, len(self._waiting), dict(self._dropped))

    def flush(self) -> None:
        """Take everything that waits to the stream now.

        Raises:
            StreamUnavailable: out of reach; what waits, waits on.
        """
        with self._flushing:
            while self._waiting:
                self._flush_some()

    def forget(self) -> None:
        """Let go of what waits, once a flush under way is over."""
        with self._flushing:
            self._waiting.clear()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="event-buffer", daemon=True)
                self._thread.start()
                # Runs at the end of forked workers too, where atexit does not.
                Finalize(None, self._flush_at_exit, exitpriority=10)

    def _run(self) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            self._wake.wait()
            time.sleep(GATHER_S)
            self._wake.clear()
            try:
                self.flush()
                pause_s = FIRST_PAUSE_S
            except StreamUnavailable:
                time.sleep(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
                self._wake.set()
            except Exception:
                logger.exception("The event buffer failed to flush.", extra={"code": "buffer_failed"})
                self._dropped_head("flush_failed")
            self._report()

    def _flush_some(self) -> None:
        # Only flushes remove from the head, one at a time, so that these are still there after the append.
        batch = [self._waiting[position] for position in range(min(len(self._waiting), FLUSH_RECORDS))]
        # Stamped as late as can be: whoever waits for the store to pass a moment may rely on it.
        received_at = conf.now()
        sound = self._sound(batch)
        try:
            self._stream().append(encode_entries(sound, received_at=received_at))
            self._flushed += len(sound)
            monitoring.events_taken(Counter(_kind(record) for record in sound))
        except StreamFull as error:
            self._drop(error.code, len(sound))
        for _ in batch:
            self._waiting.popleft()

    def _sound(self, batch: list[Record]) -> list[Record]:
        sound = []
        for record in batch:
            try:
                check_record(record)
            except MalformedRecord as error:
                self._drop(error.reason, 1)
            else:
                sound.append(record)
        return sound

    def _dropped_head(self, reason: str) -> None:
        with self._flushing:
            n = min(len(self._waiting), FLUSH_RECORDS)
            for _ in range(n):
                self._waiting.popleft()
            self._drop(reason, n)

    def _drop(self, reason: str, n: int) -> None:
        self._dropped[reason] += n
        refusals.add("buffer", reason, n)

    def _report(self) -> None:
        try:
            refusals.report(worker_client())
        except RedisError:
            return

    def _flush_at_exit(self) -> None:
        give_up_at = time.monotonic() + EXIT_PATIENCE_S
        while self._waiting and time.monotonic() < give_up_at:
            try:
                self.flush()
            except StreamUnavailable:
                time.sleep(FIRST_PAUSE_S)
        if self._waiting:
            logger.warning("%d events were lost at exit.", len(self._waiting), extra={"code": "buffer_lost"})


def _kind(record: Record) -> str:
    match record:
        case Interaction():
            return record.event_type
        case ServedList():
            return "served"
        case Impression():
            return "impression"
        case PageServed():
            return "page"
        case Exposed():
            return "exposure"
        case Joined():
            return "joined"
        case ItemChanged():
            return "item_changed"


_default = Buffer(open_stream)


def record(interaction: Interaction) -> bool:
    """Leave an interaction for the stream; False where it was dropped. Money goes by `outbox.add`."""
    return _default.add(interaction)


def record_served(served: ServedList) -> bool:
    """Leave a served list for the stream; False where it was dropped."""
    return _default.add(served)


def record_impression(impression: Impression) -> bool:
    """Leave an impression for the stream; False where it was dropped."""
    return _default.add(impression)


def record_page(page: PageServed) -> bool:
    """Leave a page view for the stream; False where it was dropped."""
    return _default.add(page)


def record_exposed(exposed: Exposed) -> bool:
    """Leave an exposure for the stream; False where it was dropped."""
    return _default.add(exposed)


def record_joined(joined: Joined) -> bool:
    """Leave for the stream that two keys are one person's; False where it was dropped."""
    return _default.add(joined)


def flush() -> None:
    """Take what waits to the stream now; for commands and tests.

    Raises:
        StreamUnavailable: the stream is out of reach.
    """
    _default.flush()


def forget_waiting() -> None:
    """Let go of what waits; for tests, whose records are nobody else's."""
    _default.forget()


def stats() -> BufferStats:
    """What this process's buffer did so far."""
    return _default.stats()
