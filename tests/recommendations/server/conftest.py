"""boto3's clients of the wire server, which tests/conftest.py starts once a session."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.factories.wire import INTERACTION_FIELDS, ITEM_FIELDS
from tests.factories.wire_groups import Domain, Group, Trained
from tests.wire_server import WireServer


@pytest.fixture(scope="session")
def personalize(wire_server: WireServer) -> Any:
    return wire_server.client("personalize")


@pytest.fixture(scope="session")
def runtime(wire_server: WireServer) -> Any:
    return wire_server.client("personalize-runtime")


@pytest.fixture(scope="session")
def events(wire_server: WireServer) -> Any:
    return wire_server.client("personalize-events")


@pytest.fixture(scope="package")
def plain(personalize: Any) -> Iterator[Group]:
    """A group of its own datasets of nothing, for what needs no training."""
    group = Group.make(personalize, "plain")
    group.dataset("Interactions", INTERACTION_FIELDS)
    group.dataset("Items", ITEM_FIELDS)
    yield group
    group.delete()


@pytest.fixture(scope="package")
def trained(wire_server: WireServer, personalize: Any) -> Iterator[Trained]:
    """A group with data, a tracker and a campaign that answers."""
    made = Trained.make(personalize, wire_server.data / "trained")
    yield made
    made.group.delete()


@pytest.fixture(scope="package")
def domain(wire_server: WireServer, personalize: Any) -> Iterator[Domain]:
    """A group of the domain ECOMMERCE with a recommender that hides what was bought."""
    made = Domain.make(personalize, wire_server.data / "domain")
    yield made
    made.group.delete()
