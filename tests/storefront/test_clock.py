"""One world, one time, in every process."""

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storefront.clock import LATEST_S, Clock
from storefront.world_file import WorldFault

LONG_AGO = datetime(2011, 12, 9, 13, 0, tzinfo=UTC)


def test_clock_without_setting_tells_the_systems_time(tmp_path: Path) -> None:
    clock, before_s = Clock(tmp_path / "clock.json"), time.time()

    told_s = clock.now().timestamp()

    assert before_s - 0.1 <= told_s <= time.time() + 0.1


def test_set_clock_is_seen_by_another_process_and_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "clock.json"

    Clock(path).set(LONG_AGO)

    assert timedelta() <= Clock(path).now() - LONG_AGO < timedelta(minutes=5)


def test_clock_runs_at_its_rate(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock.json")
    clock.set(LONG_AGO, rate=3600)

    time.sleep(0.05)

    # The system's clock may be set right by a little meanwhile.
    assert clock.now() - LONG_AGO >= timedelta(seconds=90)


def test_clock_tells_a_replayed_moment_to_its_own_thread_alone(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock.json")
    told: list[datetime] = []
    other = threading.Thread(target=lambda: told.append(clock.now()))

    with clock.at(LONG_AGO):
        inside = clock.now()
        with clock.at(LONG_AGO + timedelta(days=1)):
            later = clock.now()
        again = clock.now()
        other.start()
        other.join()

    assert (inside, later, again) == (LONG_AGO, LONG_AGO + timedelta(days=1), LONG_AGO)
    assert abs(told[0].timestamp() - time.time()) < 60
    assert abs(clock.now().timestamp() - time.time()) < 60


def test_clock_refuses_to_replay_what_no_calendar_holds(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match="years 2000 to 2100"),
        Clock(tmp_path / "clock.json").at(datetime(1999, 1, 1, tzinfo=UTC)),
    ):
        pass


def test_clock_refuses_to_stand_still(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="rate == 0"):
        Clock(tmp_path / "clock.json").set(LONG_AGO, rate=0)


@pytest.mark.parametrize("year", [1, 1999, 2101, 9999])
def test_clock_refuses_years_that_nothing_is_made_for(tmp_path: Path, year: int) -> None:
    clock = Clock(tmp_path / "clock.json")

    with pytest.raises(ValueError, match="must be in the years 2000 to 2100"):
        clock.set(datetime(year, 6, 1, tzinfo=UTC))

    assert not clock.is_set()


def test_clock_that_runs_fast_stands_still_at_the_end_of_its_years(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock.json")
    clock.set(datetime(2100, 12, 31, 23, 59, 58, tzinfo=UTC), rate=1_000_000)

    time.sleep(0.01)

    assert clock.now().timestamp() == LATEST_S


@pytest.mark.parametrize(
    "damage",
    [
        "{",
        "[]",
        '{"rate": 0}',
        '{"rate": "fast"}',
        '{"rate": true}',
        '{"anchor_world_s": NaN}',
        '{"anchor_world_s": 1' + "0" * 400 + "}",
        '{"year": 2011}',
    ],
)
def test_clock_with_a_damaged_file_tells_the_systems_time_and_its_check_the_fault(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "clock.json"
    path.write_text(damage)
    clock = Clock(path)

    now = clock.now()

    assert abs(now.timestamp() - time.time()) < 60
    with pytest.raises(WorldFault, match=r"clock\.json: must be a JSON object of anchor_system_s"):
        clock.check()
