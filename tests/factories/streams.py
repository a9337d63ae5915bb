"""Streams of Amazon Kinesis on AWS's mock server, event streams over them, and waiting for who reads one."""

import subprocess
import time
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from redis import Redis

from recommendations.adapters.aws.clients import forget_clients
from recommendations.adapters.aws.kinesis import KinesisLog
from recommendations.events.connections import worker_client
from recommendations.events.kinesis_stream import KinesisStream
from recommendations.events.valkey_stream import ValkeyStream
from tests.aws_mock import AwsMock

MakeKinesis = Callable[..., str]


@pytest.fixture
def aws_here(aws_mock: AwsMock, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsMock]:
    """This process's clients of AWS find the mock server."""
    for name, value in aws_mock.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL_KINESIS", aws_mock.url)
    forget_clients()
    yield aws_mock
    forget_clients()


@pytest.fixture
def make_kinesis(aws_here: AwsMock) -> MakeKinesis:
    """Makes a stream of so many shards; its name."""

    def make(n_shards: int = 1) -> str:
        name = f"events-{uuid4().hex}"
        kinesis = aws_here.client("kinesis")
        kinesis.create_stream(StreamName=name, ShardCount=n_shards)
        kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
        return name

    return make


def valkey_stream(name: str) -> ValkeyStream:
    return ValkeyStream(worker_client(), name=name, max_length=1000)


def kinesis_stream(stream: str, *, log: KinesisLog | None = None) -> KinesisStream:
    """A reader as another process would have it: nothing is shared but what Kinesis and Valkey hold."""
    return KinesisStream(log or KinesisLog(stream), worker_client(), stream=stream, name=stream)


def forget_stream(client: Redis, name: str) -> None:
    for pattern in (f"{name}*", f"kinesis:{name}:*"):
        for key in client.scan_iter(pattern):
            client.delete(key)


def wait_for_progress(stream: ValkeyStream, group: str, process: "subprocess.Popen[str]") -> None:
    """Until a process has taken something off what waits, or is over; a busy machine needs its time."""
    before = stream.lag(group)
    while process.poll() is None and stream.lag(group) == before:
        time.sleep(0.002)
