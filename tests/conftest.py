"""Real PostgreSQL and Valkey for every test: the bundled ones, or those that the environment names."""

from collections.abc import Iterator

import pytest

from experiments.testutils import reset_snapshot
from storefront.bundled import bundled_servers
from tests.running_shop import RunningShop


@pytest.fixture(scope="session", autouse=True)
def servers() -> Iterator[None]:
    with bundled_servers():
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(servers: None) -> None:
    """Runs before the test database is made, so that a server is there to make it in."""


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    """One running demo shop for all tests that come through the door."""
    with RunningShop(tmp_path_factory.mktemp("shop")) as running:
        yield running


@pytest.fixture(autouse=True)
def _fresh_flags() -> Iterator[None]:
    reset_snapshot()
    yield
    reset_snapshot()
