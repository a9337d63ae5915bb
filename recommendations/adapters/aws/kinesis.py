"""One stream of Amazon Kinesis: its shards, records written and read, each as few calls as its quotas want."""

import logging
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import uuid4

from botocore.exceptions import ClientError

from recommendations.adapters.aws.clients import client
from recommendations.adapters.aws.errors import code_of, translated
from recommendations.exceptions import RecommendationsError, StreamUnavailable

logger = logging.getLogger(__name__)

# Source: Amazon Kinesis Data Streams API reference, PutRecords: at most 500 records and 5 MiB a call.
PUT_RECORDS, PUT_BYTES = 500, 5 * 1024 * 1024
PUT_TRIES = 4
PAUSE_S = 0.1
READ_RECORDS = 1000
# GetRecords may be called five times a second and shard: a process asks four times at most, its groups share answers.
READ_EVERY_S = 0.25
EMPTY_LIFE_S, FULL_LIFE_S = 0.25, 1.0
READ_TRIES = 4
THROTTLED_PAUSE_S = 0.3
# An answer may be empty although newer records are there; so many in a row are looked through.
EMPTY_ANSWERS = 20
SHARDS_LIFE_S = 10.0
ANSWERS_KEPT = 32
THROTTLED = "ProvisionedThroughputExceededException"
EXPIRED = "ExpiredIteratorException"


@dataclass(frozen=True, slots=True)
class Shard:
    """A shard: its id, those it was split or merged from, and a hash key that leads to it; closed ones take none."""

    shard_id: str
    parents: tuple[str, ...]
    hash_key: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class LogRecord:
    """A record as it lies in a shard; `sequence` is a decimal number that grows, `written_s` is in epoch seconds."""

    sequence: str
    payload: bytes
    written_s: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What lies behind a sequence number, oldest first; `is_end` where the shard is closed and nothing more comes."""

    records: tuple[LogRecord, ...]
    is_end: bool


class KinesisLog:
    """Reads and writes one stream; safe for threads, which share answers so that groups cost few calls."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        # A shard's lock is held while it is asked, so that whoever waits for it finds the answer.
        self._reading: dict[str, threading.Lock] = {}
        self._asked_at: dict[str, float] = {}
        self._iterators: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._answers: OrderedDict[tuple[str, str], tuple[float, Answer]] = OrderedDict()
        self._shards: tuple[float, tuple[Shard, ...]] = (0.0, ())

    def put(self, payloads: Sequence[bytes], *, shard: Shard | None = None) -> list[tuple[str, str]]:
        """Write records; those that are refused are sent again a few times, the others are not.

        Args:
            payloads: each at most 1 MiB.
            shard: where to; by default all of them to one shard, another at each call.

        Returns:
            Shard id and sequence number of each.

        Raises:
            StreamUnavailable: some were not taken, or nobody knows; send all of them again.
        """
        key: dict[str, str] = {"PartitionKey": uuid4().hex}
        if shard is not None:
            key["ExplicitHashKey"] = shard.hash_key
        written: list[tuple[str, str]] = []
        for chunk in _chunks(payloads):
            written += self._put([{"Data": payload, **key} for payload in chunk])
        with self._lock:
            self._answers.clear()
        return written

    def shards(self) -> tuple[Shard, ...]:
        """All shards that still hold records, at most ten seconds old.

        Raises:
            StreamUnavailable: no answer, or no such stream.
        """
        read_at, shards = self._shards
        if shards and time.monotonic() < read_at + SHARDS_LIFE_S:
            return shards
        listed: list[Any] = []
        request: dict[str, str] = {"StreamName": self._name}
        while request:
            with self._reachable("ListShards"):
                answer = client("kinesis").list_shards(**request)
            listed += answer["Shards"]
            token = answer.get("NextToken")
            request = {"NextToken": token} if token else {}
        shards = tuple(_shard(each) for each in listed)
        self._shards = (time.monotonic(), shards)
        return shards

    def read(self, shard_id: str, after: str) -> Answer:
        """The records behind a sequence number, up to a thousand; what others wrote a moment ago may be missing.

        Args:
            shard_id: whose.
            after: a sequence number; empty for the oldest that is kept.

        Raises:
            StreamUnavailable: no answer in time.
        """
        with self._lock:
            lock = self._reading.setdefault(shard_id, threading.Lock())
        with lock:
            with self._lock:
                kept = self._answers.get((shard_id, after))
            if kept is not None and time.monotonic() < kept[0]:
                return kept[1]
            answer = self._read(shard_id, after)
            life_s = FULL_LIFE_S if answer.records else EMPTY_LIFE_S
            with self._lock:
                _keep(self._answers, (shard_id, after), (time.monotonic() + life_s, answer))
            return answer

    def _put(self, records: list[dict[str, Any]]) -> list[tuple[str, str]]:
        found: dict[int, tuple[str, str]] = {}
        for attempt in range(PUT_TRIES):
            missing = [number for number in range(len(records)) if number not in found]
            with self._reachable("PutRecords"):
                answer = client("kinesis").put_records(
                    StreamName=self._name, Records=[records[number] for number in missing]
                )
            faults = set()
            for number, each in zip(missing, answer["Records"], strict=True):
                if each.get("ErrorCode"):
                    faults.add(each["ErrorCode"])
                else:
                    found[number] = (each["ShardId"], each["SequenceNumber"])
            if len(found) == len(records):
                return [found[number] for number in range(len(records))]
            time.sleep(PAUSE_S * 2**attempt)
        raise StreamUnavailable(
            f"EVENT_STREAM_URL: {self._name} refuses {len(records) - len(found)} of {len(records)} records"
            f" ({', '.join(sorted(faults))}); has it enough shards?"
        )

    def _read(self, shard_id: str, after: str) -> Answer:
        iterator = self._iterators.get((shard_id, after)) or self._iterator(shard_id, after)
        for _ in range(EMPTY_ANSWERS):
            answer = self._get_records(shard_id, after, iterator)
            records = tuple(_record(each) for each in answer["Records"])
            following = answer.get("NextShardIterator")
            last = records[-1].sequence if records else after
            with self._lock:
                if following:
                    _keep(self._iterators, (shard_id, last), following)
            if records or not following or not answer.get("MillisBehindLatest"):
                return Answer(records, is_end=not following)
            iterator = following
        return Answer((), is_end=False)

    def _get_records(self, shard_id: str, after: str, iterator: str) -> Any:
        for _ in range(READ_TRIES):
            time.sleep(max(0.0, self._asked_at.get(shard_id, 0.0) + READ_EVERY_S - time.monotonic()))
            self._asked_at[shard_id] = time.monotonic()
            with self._reachable("GetRecords"):
                try:
                    return client("kinesis").get_records(ShardIterator=iterator, Limit=READ_RECORDS)
                except ClientError as error:
                    if code_of(error) not in (THROTTLED, EXPIRED):
                        raise
                    is_throttled = code_of(error) == THROTTLED
            if is_throttled:
                time.sleep(THROTTLED_PAUSE_S)
            else:
                iterator = self._iterator(shard_id, after)
        raise StreamUnavailable(f"EVENT_STREAM_URL: {self._name} is read too often; let fewer processes read it.")

    def _iterator(self, shard_id: str, after: str) -> str:
        place: dict[str, Any] = {"StreamName": self._name, "ShardId": shard_id}
        behind = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": after}
        oldest = {"ShardIteratorType": "TRIM_HORIZON"}
        with self._reachable("GetShardIterator"):
            try:
                answer = client("kinesis").get_shard_iterator(**place, **(behind if after else oldest))
            except ClientError as error:
                if code_of(error) != "InvalidArgumentException":
                    raise
                # The stream was made anew under its name: what it holds is all unread.
                logger.warning("A checkpoint is of another stream.", extra={"code": "checkpoint_unknown"})
                answer = client("kinesis").get_shard_iterator(**place, **oldest)
        return str(answer["ShardIterator"])

    @contextmanager
    def _reachable(self, doing: str) -> Iterator[None]:
        try:
            with translated(doing):
                yield
        except RecommendationsError as error:
            raise StreamUnavailable(f"EVENT_STREAM_URL: {self._name} is out of reach: {error}") from error


@lru_cache(maxsize=8)
def open_log(name: str) -> KinesisLog:
    """The process's one reader of a stream."""
    return KinesisLog(name)


# A lock that another thread held at the fork would never be let go in the child.
os.register_at_fork(after_in_child=open_log.cache_clear)


def _chunks(payloads: Sequence[bytes]) -> list[list[bytes]]:
    chunks: list[list[bytes]] = []
    n_bytes = PUT_BYTES
    for payload in payloads:
        # The partition key counts too.
        size = len(payload) + 32
        if n_bytes + size > PUT_BYTES or len(chunks[-1]) >= PUT_RECORDS:
            chunks.append([])
            n_bytes = 0
        chunks[-1].append(payload)
        n_bytes += size
    return chunks


def _keep(kept: OrderedDict[tuple[str, str], Any], key: tuple[str, str], value: object) -> None:
    kept[key] = value
    kept.move_to_end(key)
    while len(kept) > ANSWERS_KEPT:
        kept.popitem(last=False)


def _record(each: Any) -> LogRecord:
    return LogRecord(each["SequenceNumber"], each["Data"], each["ApproximateArrivalTimestamp"].timestamp())


def _shard(each: Any) -> Shard:
    parents = tuple(each[name] for name in ("ParentShardId", "AdjacentParentShardId") if each.get(name))
    is_open = "EndingSequenceNumber" not in each["SequenceNumberRange"]
    return Shard(each["ShardId"], parents, each["HashKeyRange"]["StartingHashKey"], is_open)
