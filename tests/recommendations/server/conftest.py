"""boto3's clients of the wire server, which tests/conftest.py starts once a session."""

from typing import Any

import pytest

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
