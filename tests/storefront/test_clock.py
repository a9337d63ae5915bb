"""One world, one time, in every process."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storefront.clock import Clock

LONG_AGO = datetime(2011, 12, 9, 13, 0, tzinfo=UTC)


def test_clock_without_setting_tells_the_systems_time(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock.json")

    assert abs(clock.now().timestamp() - time.time()) < 1


def test_set_clock_is_seen_by_another_process_and_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"

    Clock(path).set(LONG_AGO)

    assert timedelta() <= Clock(path).now() - LONG_AGO < timedelta(seconds=5)


def test_clock_runs_at_its_rate(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock.json")
    clock.set(LONG_AGO, rate=3600)

    time.sleep(0.05)

    assert clock.now() - LONG_AGO >= timedelta(seconds=180)


def test_clock_refuses_to_stand_still(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="rate == 0"):
        Clock(tmp_path / "clock.json").set(LONG_AGO, rate=0)
