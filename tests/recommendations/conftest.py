"""Fixtures for what trains and serves."""

import pytest
from pytest_django import Settings

from tests.factories.retraining import calm_world

__all__ = ["calm_world"]


@pytest.fixture(autouse=True)
def own_groups_only(settings: Settings) -> None:
    """The project's consumer groups, whose handlers nobody runs here, would hold everything up."""
    settings.EVENT_GROUPS = ()
