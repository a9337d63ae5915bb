"""Nights: by the world's clock, one run each, also after an outage."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from pytest_django import Settings

from recommendations import conf
from recommendations.models import RetrainRun, Rotation
from recommendations.pipeline.nights import last_night_at, next_night_at, start_due_runs
from recommendations.pipeline.rotations import ensure_rotation, set_enabled
from recommendations.pipeline.runs import begin_run, ensure_default_rotation, start_run
from recommendations.pipeline.states import RetrainStatus
from storefront.clock import Clock
from tests.factories.retraining import walk

pytestmark = pytest.mark.django_db

BEFORE = datetime(2026, 3, 29, 2, 59, tzinfo=UTC)
AFTER = datetime(2026, 3, 29, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def clock(settings: Settings, tmp_path: Path) -> Clock:
    settings.CLOCK = Clock(tmp_path / "clock.json")
    settings.CLOCK.set(BEFORE)
    made: Clock = settings.CLOCK
    return made


@pytest.fixture
def rotation() -> Rotation:
    return ensure_default_rotation()


def end(run: RetrainRun) -> None:
    walk(run, RetrainStatus.SUCCEEDED)


def test_night_comes_at_its_hour_of_the_worlds_day(clock: Clock) -> None:
    assert last_night_at() == datetime(2026, 3, 28, 3, tzinfo=UTC)

    clock.set(AFTER)

    assert last_night_at() == datetime(2026, 3, 29, 3, tzinfo=UTC)
    assert next_night_at() == datetime(2026, 3, 30, 3, tzinfo=UTC)


def test_night_comes_on_a_leap_day(clock: Clock) -> None:
    clock.set(datetime(2028, 2, 29, 4, tzinfo=UTC))

    assert last_night_at() == datetime(2028, 2, 29, 3, tzinfo=UTC)


def test_run_of_a_night_is_begun_once(clock: Clock, rotation: Rotation) -> None:
    clock.set(AFTER)

    begun = [run for _ in range(3) for run in start_due_runs()]
    end(begun[0])
    again = start_due_runs()

    assert [run.night_at for run in begun] == [datetime(2026, 3, 29, 3, tzinfo=UTC)]
    assert again == []


def test_moved_clock_brings_the_next_night(clock: Clock, rotation: Rotation) -> None:
    clock.set(AFTER)
    colours = []

    for night in range(3):
        clock.set(AFTER + night * DAY)
        for run in start_due_runs():
            colours.append(run.night_at)
            end(run)

    assert colours == [datetime(2026, 3, 29 + night, 3, tzinfo=UTC) for night in range(3)]


def test_missed_nights_are_made_up_for_by_one_run(clock: Clock, rotation: Rotation) -> None:
    clock.set(AFTER)
    end(start_due_runs()[0])

    clock.set(AFTER + 5 * DAY + timedelta(hours=9))

    assert [run.night_at for run in start_due_runs()] == [datetime(2026, 4, 3, 3, tzinfo=UTC)]


def test_run_that_somebody_asked_for_since_then_counts(clock: Clock, rotation: Rotation) -> None:
    clock.set(AFTER)
    end(start_run(rotation))

    assert start_due_runs() == []


def test_run_under_way_is_let_finish_first(clock: Clock, rotation: Rotation) -> None:
    run = start_run(rotation)
    clock.set(AFTER)

    meanwhile = start_due_runs()
    end(run)

    assert meanwhile == []
    assert len(start_due_runs()) == 1


def test_rotation_that_is_switched_off_sleeps(clock: Clock, rotation: Rotation) -> None:
    Rotation.objects.update(is_active=False)

    assert start_due_runs() == []


def test_clock_that_was_set_back_does_not_end_the_nights(clock: Clock, rotation: Rotation) -> None:
    clock.set(AFTER + 100 * DAY)
    end(start_due_runs()[0])

    clock.set(AFTER)

    assert len(start_due_runs()) == 1


def test_database_lets_a_night_have_one_run(clock: Clock, rotation: Rotation) -> None:
    night_at = last_night_at()
    end(begin_run(rotation, night_at=night_at))

    with pytest.raises(IntegrityError, match="one_run_per_night"), transaction.atomic():
        begin_run(rotation, night_at=night_at)

    assert RetrainRun.objects.count() == 1
    assert conf.now() >= night_at


def test_night_retrains_every_enabled_rotation_and_no_other(clock: Clock, rotation: Rotation) -> None:
    ensure_rotation("home-popular", "home-recommended", "aws-popularity-count")
    ensure_rotation("asleep", "home-recommended", "aws-popularity-count")
    set_enabled("asleep", is_enabled=False)
    clock.set(AFTER)

    begun = [run for _ in range(2) for run in start_due_runs()]

    assert sorted(run.rotation_id for run in begun) == ["home", "home-popular"]
