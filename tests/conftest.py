"""Real PostgreSQL and Valkey for every test: the bundled ones, or those that the environment names."""

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core.cache import caches
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from pytest_django import Settings

from catalog import spelling
from experiments import exposures
from experiments.testutils import reset_snapshot
from recommendations import items, shared_lists
from recommendations.adapters.embedded import listed, rings
from recommendations.alarms import inbox
from recommendations.events import buffer, connections, recent
from recommendations.events.refusals import refusals
from recommendations.serving import acts, bought, breaker, rotations
from recommendations.serving.live import forget_live_campaigns
from storefront import cards, context, outage, reasons, shelves
from storefront.access import counting
from storefront.bundled import bundled_servers
from storefront.cache import FailOpenValkeyCache
from storefront.second_row import comparing, payloads
from storefront.views.art import forget_pictures
from tests.aws_mock import BUCKET, AwsMock
from tests.fakes.payloads import UntrainedRow
from tests.running_shop import RunningShop
from tests.wire_server import WireServer, copied_database

TESTS = Path(__file__).parent
FLOWS, E2E = TESTS / "flows", TESTS / "e2e"
# Where a race that is lost once in a hundred runs is the fault that is looked for.
EXACT = (TESTS / "catalog", TESTS / "experiments", TESTS / "security")
# As long as this a page waits in tests for Valkey and for a campaign, which a busy machine may keep from their work.
BUSY_S = 5.0

# The same examples at every run, and none of them too slow.
hypothesis_settings.register_profile(
    "steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("steady")


def ask_valkey_again() -> None:
    """Whatever stayed away from Valkey after a failure asks it at once."""
    FailOpenValkeyCache._retry_at = rings._quiet_until_s = 0.0
    recent.forget_failure()


FORGETTING = (
    ask_valkey_again,
    acts.forget_acts,
    bought.forget_bought,
    breaker.reset,
    buffer.forget_waiting,
    cards.forget_cards,
    context.forget_navigation,
    counting.forget,
    exposures.memory.clear,
    forget_live_campaigns,
    forget_pictures,
    inbox.forget_banner,
    items.forget_availability,
    outage.forget_home,
    reset_snapshot,
    shelves.forget_newest,
    comparing.different_lately.clear,
    payloads.forget_told,
    reasons._owned.clear,
    refusals.restart,
    rotations.forget_rotations,
    shared_lists.forget,
    spelling.forget_words,
    caches["default"].clear,
    caches["flags"].clear,
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole shops come first, so that at the end no worker is left alone with what waits most.

    Money, arms and ownership get no second chance.
    """
    items.sort(key=lambda item: not item.path.is_relative_to(FLOWS) and not item.path.is_relative_to(E2E))
    for item in items:
        if any(item.path.is_relative_to(folder) for folder in EXACT):
            item.add_marker(pytest.mark.flaky(reruns=0))


@pytest.fixture(scope="session", autouse=True)
def servers() -> Iterator[None]:
    with bundled_servers():
        if not project.ENVIRONMENT.redis_url:
            # Each run draws the same shoppers: what the last one left in this world, they would remember.
            connections.worker_client().flushdb()
        yield


@pytest.fixture(scope="session", autouse=True)
def patience() -> Iterator[None]:
    """Nothing is late because others use the machine; what a deadline does is tested where it is the subject."""
    of_cache: Any = project.CACHES["default"]["OPTIONS"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(project, "RECOMMENDATION_DEADLINE_S", BUSY_S)
        patch.setitem(of_cache, "socket_timeout", BUSY_S)
        patch.setitem(of_cache, "socket_connect_timeout", BUSY_S)
        patch.setattr(connections, "PAGE_TIMEOUT_S", BUSY_S)
        patch.setattr(connections, "WORKER_TIMEOUT_S", BUSY_S)
        patch.setattr(rings, "READ_TIMEOUT_S", BUSY_S)
        patch.setattr(rings, "WRITE_TIMEOUT_S", BUSY_S)
        patch.setattr(listed, "WRITE_TIMEOUT_S", BUSY_S)
        patch.setattr(counting, "HASTY_S", BUSY_S)
        patch.setattr(counting, "PATIENT_S", BUSY_S)
        yield


@pytest.fixture(autouse=True)
def same_draws(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same ids at every run, and so the same lists and arms: what fails by chance fails before it is handed in."""
    chance, pid, drawn = random.Random(request.node.nodeid), os.getpid(), os.urandom

    def draw(n: int) -> bytes:
        # A forked process draws for itself: it must not get the ids that this one gets.
        return chance.randbytes(n) if os.getpid() == pid else drawn(n)

    monkeypatch.setattr(os, "urandom", draw)
    monkeypatch.setattr(random, "_urandom", draw)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(servers: None) -> None:
    """Runs before the test database is made, so that a server is there to make it in."""


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    """One running demo shop for all tests that come through the door."""
    with RunningShop(tmp_path_factory.mktemp("shop")) as running:
        yield running


@pytest.fixture(scope="session")
def aws_mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AwsMock]:
    """One mock of AWS for all tests that use S3 or Kinesis."""
    with AwsMock(tmp_path_factory.mktemp("aws")) as running:
        yield running


@pytest.fixture(scope="session")
def wire_server(
    django_db_setup: None, aws_mock: AwsMock, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WireServer]:
    """One server of Amazon Personalize's protocol for all tests that come by boto3, signed."""
    folder, buckets = tmp_path_factory.mktemp("wire"), (f"s3://{BUCKET}",)
    with (
        copied_database() as url,
        WireServer(folder, database_url=url, locations=buckets, **aws_mock.environment) as running,
    ):
        yield running


@pytest.fixture(scope="session")
def static_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("static")


@pytest.fixture(autouse=True)
def plain_static_files(settings: Settings, static_root: Path) -> None:
    """Pages are rendered with plain static addresses; nothing needs collecting first."""
    settings.STATIC_ROOT = static_root
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture(autouse=True)
def untrained_row(settings: Settings) -> None:
    """Experiments start although no campaign was trained."""
    settings.EXPERIMENT_PAYLOADS = UntrainedRow()


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    """What a process keeps in memory or in the cache does not outlive a test."""
    for forget in FORGETTING:
        forget()
    yield
    for forget in FORGETTING:
        forget()
