"""A world of its own for each command: its clock and its records live in a fresh folder."""

from pathlib import Path

import pytest
from pytest_django import Settings

from storefront.clock import Clock


@pytest.fixture(autouse=True)
def world_dir(tmp_path: Path, settings: Settings) -> Path:
    settings.WORLD_DIR = tmp_path / "world"
    settings.CLOCK = Clock(settings.WORLD_DIR / "clock.json")
    return Path(settings.WORLD_DIR)
