"""Kill -9 in the middle: of the consumer of exposures, and of a look at a phase."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import pytest
from django.db import connection

from experiments import analysis
from experiments.models import Exposure, Phase, Progress, Snapshot, UnitTotals
from experiments.testutils import reset_snapshot
from recommendations.events.connections import worker_client
from recommendations.events.schema import Exposed
from recommendations.events.valkey_stream import ValkeyStream
from recommendations.events.wire import encode_entries
from storefront.measuring.metrics import METRICS
from tests.factories.expectations import expect_arms
from tests.factories.histories import START, make_history, make_phase
from tests.factories.streams import wait_for_progress

pytestmark = pytest.mark.django_db(transaction=True)

N_ENTRIES, RECORDS_AN_ENTRY, N_KILLS = 300, 100, 4
LATER = START + timedelta(days=30)

CONSUME = """
import sys, threading, django
django.setup()
from recommendations.events.connections import worker_client
from recommendations.events.consumer import Consumer
from recommendations.events.valkey_stream import ValkeyStream
from storefront.measuring import sink
stream = ValkeyStream(worker_client(), name=sys.argv[1], max_length=10_000, groups=["exposures"])
print("ready", flush=True)
Consumer(stream, "exposures", sink.handle, stop=threading.Event()).run(drain=True)
"""
LOOK = """
import sys, time, django
django.setup()
from datetime import datetime
from experiments import analysis, {module}
def hang(*args, **kwargs):
    print("ready", flush=True)
    time.sleep(600)
{module}.{step} = hang
analysis.take_snapshot(int(sys.argv[1]), datetime.fromisoformat(sys.argv[2]))
"""


@contextmanager
def process_of(code: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A process on the test's own database, once it is in the middle of its work."""
    scheme, netloc, _, query, _ = urlsplit(os.environ["DATABASE_URL"])
    database = urlunsplit((scheme, netloc, f"/{connection.settings_dict['NAME']}", query, ""))
    environment = {**os.environ, "DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "storefront.settings"}
    with subprocess.Popen(
        [sys.executable, "-c", code, *arguments], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


@pytest.fixture(autouse=True)
def fresh_snapshot() -> Iterator[None]:
    reset_snapshot()
    yield
    reset_snapshot()


@pytest.fixture
def phase() -> Phase:
    return make_phase()


@pytest.fixture
def stream_name() -> Iterator[str]:
    name = f"test-{uuid4().hex}"
    yield name
    for key in worker_client().scan_iter(f"{name}*"):
        worker_client().delete(key)


def test_killed_consumers_lose_and_double_no_exposure(phase: Phase, stream_name: str) -> None:
    stream = ValkeyStream(worker_client(), name=stream_name, max_length=10_000, groups=["exposures"])
    n_units = N_ENTRIES * RECORDS_AN_ENTRY // 2
    # Each unit twice, far apart, so that a second sight meets what the first one wrote.
    sent = [Exposed(f"u{n % n_units}", phase.pk, "control", START) for n in range(2 * n_units)]
    stream.append(encode_entries(sent))
    lags = []

    for number in range(N_KILLS):
        with process_of(CONSUME, stream_name) as process:
            wait_for_progress(stream, "exposures", process)
            # The first at once: on a busy machine the others may come when all is done.
            time.sleep(random.uniform(0, 0.05) if number else 0.0)
            process.send_signal(signal.SIGKILL)
        lags.append(stream.lag("exposures"))
    with process_of(CONSUME, stream_name) as last:
        assert last.wait(300) == 0

    assert any(0 < lag < N_ENTRIES for lag in lags), "no kill came in the middle of the work"
    assert Exposure.objects.filter(is_crossover=False).count() == n_units
    assert stream.lag("exposures") == stream.n_dead_letters() == 0


@pytest.mark.parametrize(("module", "step"), [("totals", "_keep"), ("sums", "sum_up"), ("analysis", "thin")])
def test_look_that_was_killed_leaves_nothing_behind_and_the_next_one_is_right(
    phase: Phase, module: str, step: str
) -> None:
    history = make_history(phase, seed=3, n_units=30)
    history.store(until=START + timedelta(days=3))
    analysis.take_snapshot(phase.pk, START + timedelta(days=3))
    before = (Progress.objects.get().settled_until, list(UnitTotals.objects.order_by("unit").values_list("totals")))
    history.store()

    with process_of(LOOK.format(module=module, step=step), str(phase.pk), LATER.isoformat()) as process:
        process.send_signal(signal.SIGKILL)
        process.wait(60)

    after = (Progress.objects.get().settled_until, list(UnitTotals.objects.order_by("unit").values_list("totals")))
    assert (after, Snapshot.objects.count()) == (before, 1)
    snapshot = analysis.take_snapshot(phase.pk, LATER)
    expected = expect_arms(history, METRICS, now=LATER)["homepage_ctr"]
    found = analysis.read_arms(snapshot, "homepage_ctr")
    assert {key: arm.mean_y for key, arm in found.items()} == pytest.approx(
        {key: arm.mean_y for key, arm in expected.items()}
    )
