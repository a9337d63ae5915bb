"""Kinesis's own: shards are shared out, split and outlived; deaths are remembered; refusals are said, not hidden."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from botocore.stub import ANY, Stubber
from django.db import connection
from pytest_django import Settings

from recommendations.adapters.aws import kinesis
from recommendations.adapters.aws.clients import client, forget_clients
from recommendations.adapters.aws.kinesis import KinesisLog
from recommendations.events import shard_member, store
from recommendations.events.connections import worker_client
from recommendations.events.consumer import Consumer
from recommendations.events.kinesis_stream import KinesisStream
from recommendations.events.streams import open_stream
from recommendations.events.valkey_stream import ValkeyStream
from recommendations.events.wire import encode_entries
from recommendations.exceptions import StreamUnavailable
from recommendations.models import Interaction
from tests.aws_mock import AwsMock
from tests.factories.events import make_interaction
from tests.factories.streams import MakeKinesis, aws_here, forget_stream, kinesis_stream, make_kinesis

# Stores one entry at a time, slowly, so that it is killed in the middle of one.
CONSUME = """
import sys, threading, time, django
django.setup()
from recommendations.events import consumer, store
from recommendations.events.consumer import Consumer
from recommendations.adapters.aws.kinesis import KinesisLog
from recommendations.events.connections import worker_client
from recommendations.events.kinesis_stream import KinesisStream
name = sys.argv[1]
stream = KinesisStream(KinesisLog(name), worker_client(), stream=name, name=name)
stream.ensure_groups()
consumer.BATCH_ENTRIES = 1
print("ready", flush=True)
def handle(records):
    store.handle(records)
    time.sleep(0.1)
Consumer(stream, "store", handle, stop=threading.Event()).run(drain=True)
"""

__all__ = ["aws_here", "make_kinesis"]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shard_member, "SHARE_EVERY_S", 0.0)
    monkeypatch.setattr(kinesis, "SHARDS_LIFE_S", 0.0)
    monkeypatch.setattr(kinesis, "EMPTY_LIFE_S", 0.0)
    monkeypatch.setattr(kinesis, "FULL_LIFE_S", 0.0)
    monkeypatch.setattr(kinesis, "READ_EVERY_S", 0.0)
    monkeypatch.setattr(kinesis, "PAUSE_S", 0.0)
    monkeypatch.setattr(kinesis, "THROTTLED_PAUSE_S", 0.0)


@pytest.fixture
def name(make_kinesis: MakeKinesis) -> Iterator[str]:
    made = make_kinesis(2)
    yield made
    forget_stream(worker_client(), made)


def append_to_all_shards(name: str, *payloads: bytes) -> None:
    log = KinesisLog(name)
    for shard in log.shards():
        if shard.is_open:
            log.put(payloads, shard=shard)


def shards_of(stream: KinesisStream, consumer: str) -> set[bytes]:
    return {
        entry.entry_id.split(b":")[0]
        for _ in range(3)
        for entry in stream.read("store", consumer, count=100, wait_ms=1)
    }


def test_shards_are_shared_out_evenly_among_consumers(name: str) -> None:
    one, two = kinesis_stream(name), kinesis_stream(name)
    one.read("store", "one-1", count=1, wait_ms=1)
    for _ in range(2):
        two.read("store", "two-2", count=1, wait_ms=1)
        one.read("store", "one-1", count=1, wait_ms=1)
    append_to_all_shards(name, b"[1]")

    seen = shards_of(one, "one-1"), shards_of(two, "two-2")

    assert [len(each) for each in seen] == [1, 1]
    assert seen[0] != seen[1]


def test_split_shard_is_read_to_its_end_before_its_children(name: str, aws_here: AwsMock) -> None:
    stream = kinesis_stream(name)
    append_to_all_shards(name, b"[1]")
    boto: Any = aws_here.client("kinesis")
    parent = boto.list_shards(StreamName=name)["Shards"][0]
    low, high = (int(parent["HashKeyRange"][f"{end}HashKey"]) for end in ("Starting", "Ending"))
    mark = stream.position()
    boto.split_shard(StreamName=name, ShardToSplit=parent["ShardId"], NewStartingHashKey=str(low + (high - low) // 2))
    boto.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
    append_to_all_shards(name, b"[2]")
    reader, seen = kinesis_stream(name), []

    for _ in range(12):
        batch = reader.read("store", "one-1", count=10, wait_ms=1)
        seen += [entry.payload for entry in batch]
        reader.commit("store", batch.checkpoint)

    assert sorted(payload for payload in seen if payload != b"[]") == [b"[1]"] * 2 + [b"[2]"] * 3
    assert reader.lag("store") == 0
    assert reader.has_passed("store", mark)


def test_consumer_that_lost_its_shard_moves_no_checkpoint(name: str) -> None:
    slow, quick = kinesis_stream(name), kinesis_stream(name)
    append_to_all_shards(name, b"[1]")
    batch = slow.read("store", "slow-1", count=10, wait_ms=1)
    for key in worker_client().scan_iter(f"kinesis:{name}:store:lease:*"):
        worker_client().delete(key)
    quick.read("store", "quick-2", count=10, wait_ms=1)

    slow.commit("store", batch.checkpoint)

    assert quick.lag("store") >= 1


def test_entries_that_killed_their_readers_count_as_given_out_before(name: str) -> None:
    heir = f"{socket.gethostname()}-{os.getpid()}"
    append_to_all_shards(name, b"[1]")
    for _ in range(3):
        with subprocess.Popen([sys.executable, "-c", ""]) as process:
            dead = f"{socket.gethostname()}-{process.pid}"
        stream = kinesis_stream(name)
        stream.take_over("store", dead)
        stream.read("store", dead, count=10, wait_ms=1)

    stream = kinesis_stream(name)
    stream.take_over("store", heir)
    batch = stream.read("store", heir, count=10, wait_ms=1)
    stream.commit("store", batch.checkpoint)
    stream.read("store", heir, count=10, wait_ms=1)
    append_to_all_shards(name, b"[2]")

    assert {entry.n_deliveries for entry in batch} == {4}
    assert {entry.n_deliveries for entry in stream.read("store", heir, count=10, wait_ms=1)} == {1}


def test_lost_checkpoints_mean_reading_all_again(name: str) -> None:
    stream = kinesis_stream(name)
    append_to_all_shards(name, b"[1]")
    stream.commit("store", stream.read("store", "one-1", count=10, wait_ms=1).checkpoint)
    forget_stream(worker_client(), name)

    again = kinesis_stream(name).read("store", "two-2", count=10, wait_ms=1)

    assert [entry.payload for entry in again] == [b"[1]", b"[1]"]


def test_more_than_one_calls_worth_is_written_and_read(name: str) -> None:
    stream = kinesis_stream(name)

    stream.append([b"[%d]" % number for number in range(1100)])

    assert stream.lag("store") == 1000
    seen = []
    while batch := stream.read("store", "one-1", count=100, wait_ms=1):
        stream.commit("store", batch.checkpoint)
        seen += [entry.payload for entry in batch]
    assert len(set(seen)) == 1100


def test_entry_that_is_too_long_for_a_record_is_split(name: str) -> None:
    stream = kinesis_stream(name)
    records = [["s", f"{number}", "x" * 30_000] for number in range(100)]

    stream.append([json.dumps(records).encode()])

    batch = stream.read("store", "one-1", count=100, wait_ms=1)
    assert len(batch) == 4
    assert [record for entry in batch for record in json.loads(entry.payload)] == records


def test_groups_of_a_process_ask_a_shard_no_oftener_than_kinesis_allows(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kinesis, "READ_EVERY_S", 0.1)
    monkeypatch.setattr(kinesis, "EMPTY_LIFE_S", 0.1)
    boto, real, asked = client("kinesis"), client("kinesis").get_records, []
    log = KinesisLog(name)
    (shard, *_) = log.shards()
    give_up_s = time.monotonic() + 60

    def counted(**request: Any) -> Any:
        # When the log says that it asks: this thread may have waited for the processor since.
        asked.append(log._asked_at[shard.shard_id])
        return real(**request)

    boto.get_records = counted

    def read_on() -> None:
        while len(asked) < 8 and time.monotonic() < give_up_s:
            log.read(shard.shard_id, "")

    readers = [threading.Thread(target=read_on) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()

    assert len(asked) >= 8
    assert all(later - earlier >= 0.0999 for earlier, later in pairwise(asked))


def test_what_nobody_commits_is_bounded(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recommendations.events.shard_reading.MOST_HELD", 5)
    stream = kinesis_stream(name)
    append_to_all_shards(name, *[b"[%d]" % number for number in range(20)])

    given_out = [len(stream.read("store", "one-1", count=100, wait_ms=1)) for _ in range(3)]

    assert given_out == [10, 0, 0]


@pytest.mark.django_db(transaction=True)
def test_killed_consumers_lose_and_double_nothing(name: str) -> None:
    sent = [make_interaction() for _ in range(600)]
    kinesis_stream(name).append(encode_entries(sent))
    scheme, netloc, _, query, _ = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit((scheme, netloc, f"/{connection.settings_dict['NAME']}", query, ""))
    environment = {**os.environ, "DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "storefront.settings"}
    for delay_s in (0.05, 0.2, 0.6):
        with subprocess.Popen(
            [sys.executable, "-c", CONSUME, name], env=environment, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(delay_s)
            process.kill()

    Consumer(kinesis_stream(name), "store", store.handle, stop=threading.Event()).run(drain=True)

    assert set(Interaction.objects.values_list("event_id", flat=True)) == {one.event_id for one in sent}
    assert kinesis_stream(name).lag("store") == 0


def test_refused_records_alone_are_sent_again(name: str) -> None:
    taken = {"SequenceNumber": "7", "ShardId": "shardId-000000000000"}
    refused = {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "slow down"}
    with Stubber(client("kinesis")) as stubber:
        stubber.add_response("put_records", {"Records": [taken, refused], "FailedRecordCount": 1})
        again = {"Records": [{"Data": b"[2]", "PartitionKey": ANY}], "StreamName": name}
        stubber.add_response("put_records", {"Records": [{**taken, "SequenceNumber": "8"}]}, again)

        written = KinesisLog(name).put([b"[1]", b"[2]"])

    assert [sequence for _, sequence in written] == ["7", "8"]


def test_records_refused_for_good_are_said_to_be(name: str) -> None:
    refused = {"ErrorCode": "ProvisionedThroughputExceededException", "ErrorMessage": "slow down"}
    with Stubber(client("kinesis")) as stubber:
        for _ in range(kinesis.PUT_TRIES):
            stubber.add_response("put_records", {"Records": [refused], "FailedRecordCount": 1})

        with pytest.raises(StreamUnavailable, match="refuses 1 of 1 records") as raised:
            kinesis_stream(name).append([b"[1]"])

    assert raised.value.retryable


@pytest.mark.parametrize("code", ["ProvisionedThroughputExceededException", "ExpiredIteratorException"])
def test_reading_goes_on_past_a_slow_down_and_an_old_iterator(name: str, code: str) -> None:
    stream = kinesis_stream(name)
    append_to_all_shards(name, b"[1]")
    boto, real = client("kinesis"), client("kinesis").get_records
    faults = [code]

    def once_refused(**request: Any) -> Any:
        if faults:
            from botocore.exceptions import ClientError

            raise ClientError({"Error": {"Code": faults.pop(), "Message": "planted"}}, "GetRecords")
        return real(**request)

    boto.get_records = once_refused

    batch = stream.read("store", "one-1", count=10, wait_ms=1)

    assert len(batch) == 2


def test_stream_that_is_not_there_is_unavailable_and_named(aws_here: AwsMock) -> None:
    with pytest.raises(StreamUnavailable, match="EVENT_STREAM_URL: nowhere is out of reach"):
        kinesis_stream("nowhere").append([b"[1]"])


def test_kinesis_that_does_not_answer_is_unavailable(monkeypatch: pytest.MonkeyPatch, aws_here: AwsMock) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_KINESIS", "http://127.0.0.1:9")
    forget_clients()

    with pytest.raises(StreamUnavailable):
        kinesis_stream("events").lag("store")


def test_settings_choose_the_stream(settings: Settings) -> None:
    settings.EVENT_STREAM_URL = ""
    of_valkey = open_stream()
    settings.EVENT_STREAM_URL = "kinesis://shop-events"

    of_kinesis = open_stream()

    assert isinstance(of_valkey, ValkeyStream)
    assert isinstance(of_kinesis, KinesisStream)
