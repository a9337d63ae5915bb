"""The consumer process: drains, stops when told, and stores each event once however often it is killed."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from redis import Redis

from recommendations.events import buffer, outbox, recent, runner
from recommendations.events.stream import GROUPS, NAME
from recommendations.events.valkey_stream import ValkeyStream
from recommendations.events.wire import encode_entries
from recommendations.exceptions import InvalidInput
from recommendations.models import Interaction, OutboxInteraction
from tests.factories.events import make_interaction
from tests.factories.streams import wait_for_progress
from tests.quickness import quickest_s

pytestmark = pytest.mark.django_db(transaction=True)

RECORDS_AN_ENTRY = 100

CONSUME = """
import sys, threading, django
django.setup()
from recommendations.events import store
from recommendations.events.connections import worker_client
from recommendations.events.consumer import Consumer
from recommendations.events.valkey_stream import ValkeyStream
stream = ValkeyStream(worker_client(), name=sys.argv[1], max_length=10_000, groups=["store"])
print("ready", flush=True)
Consumer(stream, "store", store.handle, stop=threading.Event()).run(drain=True)
"""


@pytest.fixture
def shops_stream(valkey: Redis) -> Iterator[ValkeyStream]:
    """The test world's own stream, empty before and after."""
    for key in valkey.scan_iter(f"{NAME}*"):
        valkey.delete(key)
    yield ValkeyStream.of_settings()
    for key in valkey.scan_iter(f"{NAME}*"):
        valkey.delete(key)


def environment() -> dict[str, str]:
    """The variables of a process that works on the test database."""
    scheme, netloc, _, query, _ = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit((scheme, netloc, f"/{connection.settings_dict['NAME']}", query, ""))
    return {**os.environ, "DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "storefront.settings"}


@contextmanager
def consumer_process(stream_name: str) -> Iterator["subprocess.Popen[str]"]:
    """A consumer that has begun."""
    command = [sys.executable, "-c", CONSUME, stream_name]
    with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process


def test_drain_brings_buffer_and_outbox_to_every_group(shops_stream: ValkeyStream) -> None:
    wanda = uuid4().hex
    buffer.record(make_interaction(shopper_key=wanda, item_id="SEEN"))
    with transaction.atomic():
        outbox.add(make_interaction(shopper_key=wanda, item_id="BOUGHT", event_type="purchase"))

    runner.run(drain=True)

    assert set(Interaction.objects.values_list("item_id", flat=True)) == {"SEEN", "BOUGHT"}
    assert {event.item_id for event in recent.recent(wanda)} == {"SEEN", "BOUGHT"}
    assert recent.bought(wanda) == {"BOUGHT"}
    assert [shops_stream.lag(group) for group in GROUPS] == [0, 0, 0]
    assert not OutboxInteraction.objects.exists()
    recent.forget(wanda)


def test_command_drains_one_group(shops_stream: ValkeyStream) -> None:
    shops_stream.append(encode_entries([make_interaction()]))

    call_command("consume_events", group=["store"], drain=True)

    assert Interaction.objects.count() == 1
    assert shops_stream.lag("recent") == 1


def test_unknown_group_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match="store, trackers, recent"):
        runner.run(["sore"])
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("consume_events", "--group", "sore")


def test_running_consumers_stop_within_two_seconds_of_the_signal(shops_stream: ValkeyStream) -> None:
    def run_and_stop() -> float:
        stop, n_wanted = threading.Event(), Interaction.objects.count() + 2
        running = threading.Thread(target=runner.run, kwargs={"stop": stop})
        running.start()
        shops_stream.append(encode_entries([make_interaction()]))
        with transaction.atomic():
            outbox.add(make_interaction(event_type="purchase"))
        deadline = time.monotonic() + 60
        while Interaction.objects.count() < n_wanted:
            assert time.monotonic() < deadline, "not all is stored"
            time.sleep(0.05)
        stopped_at = time.monotonic()
        stop.set()
        while running.is_alive() or any(thread.name.startswith("events-") for thread in threading.enumerate()):
            assert time.monotonic() < deadline, "the consumers do not stop"
            time.sleep(0.01)
        return time.monotonic() - stopped_at

    assert quickest_s(run_and_stop, enough_s=2) < 2


@pytest.mark.parametrize(
    ("n_kills", "n_entries"),
    [
        (4, 400),
        pytest.param(20, 400, marks=pytest.mark.soak),
        pytest.param(6, 2_000, marks=pytest.mark.soak),
    ],
)
def test_killed_consumers_lose_and_repeat_nothing(
    valkey: Redis, stream_name: str, n_kills: int, n_entries: int
) -> None:
    stream = ValkeyStream(valkey, name=stream_name, max_length=10_000, groups=["store"])
    sent = [make_interaction() for _ in range(RECORDS_AN_ENTRY * n_entries)]
    stream.append(encode_entries(sent))
    lags = []

    for number in range(n_kills):
        with consumer_process(stream_name) as process:
            wait_for_progress(stream, "store", process)
            # The first at once: on a busy machine the others may come when all is done.
            time.sleep(random.uniform(0, 0.05) * n_entries / 400 if number else 0.0)
            process.send_signal(signal.SIGKILL)
        lags.append(stream.lag("store"))
    with consumer_process(stream_name) as last:
        assert last.wait(300) == 0

    assert any(0 < lag < n_entries for lag in lags), "no kill came in the middle of the work"
    assert Interaction.objects.count() == len(sent)
    assert stream.lag("store") == 0
    assert stream.n_dead_letters() == 0
