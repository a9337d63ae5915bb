"""A drop announced after the last training is in nobody's row before it opens, and in the right ones from then on."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from pytest_django import Settings

from catalog import conf
from catalog.models import Product
from recommendations import items
from recommendations.events import runner
from recommendations.events.store import store
from recommendations.models import LiveCampaign
from recommendations.pipeline.context import Waiting
from recommendations.pipeline.helping import help_along
from recommendations.pipeline.runner import advance, hold_run
from recommendations.pipeline.runs import ensure_default_rotation, start_run
from recommendations.pipeline.states import RetrainStatus
from recommendations.serving.live import forget_live_campaigns
from storefront.clock import Clock
from tests.factories.catalog import make_brand, make_category, make_product_for_sale
from tests.factories.drops import make_announced, set_clock
from tests.factories.retraining import past_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("calm_world", "personalize_service")]

PROJECT = Path(__file__).resolve().parents[2]
CONNECTION = ("dbname", "user", "password", "host", "port")
# From the commit to the campaigns of another process; a busy machine takes its time for what is done in a second.
TOLD_WITHIN_S = 60.0
TRAINED_WITHIN_S = 300.0
EVEN, ODD = "even-0", "odd-1"


class OtherProcess:
    """Asks a process of its own on the test's database, Valkey and clock."""

    def __init__(self, world: Path, rotation: str) -> None:
        database = {key: value for key, value in connection.get_connection_params().items() if key in CONNECTION}
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.flows.page_process", rotation],
            cwd=PROJECT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "storefront.settings",
                "DATABASE_URL": f"postgresql://?{'&'.join(f'{key}={value}' for key, value in database.items())}",
                "REDIS_URL": django_settings.VALKEY.client(0),
                "VAR_DIR": str(world.parent),
                "WORLD": world.name,
                "RECOMMENDATION_DEADLINE_S": "5",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, shopper_key: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(shopper_key, file=self._process.stdin, flush=True)
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def stop(self) -> None:
        self._process.communicate(timeout=120)


@pytest.fixture
def clock(settings: Settings, calm_world: Path) -> Clock:
    return set_clock(settings, calm_world, conf.now())


@pytest.fixture
def consumers() -> Iterator[None]:
    """What `manage.py consume_events` runs: the relay, and the group that tells the campaigns."""
    stop = threading.Event()
    thread = threading.Thread(target=runner.run, args=(("trackers",),), kwargs={"stop": stop}, daemon=True)
    thread.start()
    yield
    stop.set()
    thread.join(60)


@pytest.fixture(params=["embedded", "personalize"])
def trained(request: pytest.FixtureRequest, settings: Settings, clock: Clock) -> str:
    """A campaign of either backend, trained on shoppers who like either sneakers or caps."""
    settings.RECOMMENDER_BACKEND = request.param
    settings.DRAIN_S = 0
    tastes = (
        [make_product_for_sale(**sneakers(), retail_price_cents=10_000 + n).sku for n in range(16)],
        [make_product_for_sale(**caps(), retail_price_cents=4_000 + n).sku for n in range(16)],
    )
    store(past_of(tastes))
    rotation = ensure_default_rotation()
    run = start_run(rotation)
    deadline_s = time.monotonic() + TRAINED_WITHIN_S
    with hold_run(run) as held:
        while held.run.is_active:
            assert time.monotonic() < deadline_s, held.run.status
            if isinstance(advance(held), Waiting) and not help_along(held.run):
                time.sleep(0.05)
    run.refresh_from_db()
    assert run.status == RetrainStatus.SUCCEEDED, run.failure_reason
    forget_live_campaigns()
    return rotation.key


@pytest.fixture
def elsewhere(trained: str, calm_world: Path) -> Iterator[OtherProcess]:
    other = OtherProcess(calm_world, trained)
    yield other
    other.stop()


def sneakers() -> dict[str, Any]:
    return {"brand": make_brand("Northwold"), "category": make_category("low-tops")}


def caps() -> dict[str, Any]:
    return {"brand": make_brand("Sudvale"), "category": make_category("caps")}


def seconds_until(is_so: Callable[[], bool]) -> float:
    began_s = time.monotonic()
    while not is_so():
        assert time.monotonic() - began_s < TOLD_WITHIN_S, "waited in vain"
        time.sleep(0.02)
    return time.monotonic() - began_s


def n_rows_with(elsewhere: OtherProcess, item_id: str, shopper_key: str, n: int = 20) -> int:
    return sum(item_id in elsewhere.ask(shopper_key)["row"] for _ in range(n))


@pytest.mark.usefixtures("consumers")
def test_drop_is_recommended_from_its_opening_on_without_a_training(elsewhere: OtherProcess, clock: Clock) -> None:
    assert elsewhere.ask(ODD)["rung"] == "personal"
    campaign = LiveCampaign.objects.get().campaign_arn

    drop = make_announced(sku="THE-DROP", opens_in=timedelta(hours=1), **caps())
    took_s = seconds_until(lambda: drop.product.sku in elsewhere.ask(ODD)["campaign"])
    n_before = sum(n_rows_with(elsewhere, "THE-DROP", key) for key in (ODD, EVEN))
    clock.set(drop.opens_at)
    opened_s = seconds_until(lambda: "THE-DROP" in elsewhere.ask(ODD)["row"])

    n_odd, n_even = (n_rows_with(elsewhere, "THE-DROP", key) for key in (ODD, EVEN))
    assert took_s < TOLD_WITHIN_S
    assert n_before == 0
    assert opened_s < TOLD_WITHIN_S
    assert n_odd > 10
    assert n_odd > n_even
    assert LiveCampaign.objects.get().campaign_arn == campaign


@pytest.mark.usefixtures("consumers")
@pytest.mark.parametrize("trained", ["embedded"], indirect=True)
def test_product_is_recommended_while_it_is_listed(elsewhere: OtherProcess) -> None:
    elsewhere.ask(ODD)

    added = make_product_for_sale(sku="ADDED", **caps())
    seconds_until(lambda: "ADDED" in elsewhere.ask(ODD)["row"])
    Product.objects.filter(pk=added.pk).update(is_listed=False)
    # What can be bought is known that long to a process.
    time.sleep(items.AVAILABILITY_TTL_S)
    n_taken_off = n_rows_with(elsewhere, "ADDED", ODD)
    Product.objects.filter(pk=added.pk).update(is_listed=True)
    seconds_until(lambda: "ADDED" in elsewhere.ask(ODD)["row"])

    assert n_taken_off == 0
