"""Exposures are written at once, without a stream between."""

import pytest
from pytest_django.fixtures import Settings


@pytest.fixture(autouse=True)
def written_at_once(settings: Settings) -> None:
    settings.EXPOSURE_SINK = "experiments.exposures.insert_now"
