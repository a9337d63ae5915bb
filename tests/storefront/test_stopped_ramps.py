from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from experiments import ramp
from experiments.definitions import ensure_experiment
from experiments.sources import RowHealth
from recommendations.alarms import watch
from recommendations.alarms.inbox import told
from recommendations.models import Alarm
from storefront import tasks
from storefront.schedule import beat_schedule
from tests.experiments.conftest import FLAG, KEY, VARIATIONS
from tests.factories.experiments import plan_experiment
from tests.fakes.planted import SOURCE

WHO: dict[str, Any] = {"actor": "ann", "reason": "because"}


@pytest.fixture
def running(db: None, settings: Settings) -> Iterator[None]:
    settings.EXPERIMENT_METRIC_SOURCE = "tests.fakes.planted.SOURCE"
    SOURCE.reset()
    made = ensure_experiment(key=KEY, name="Recommended For You", flag_name=FLAG, variations=VARIATIONS)
    plan_experiment(made, guardrails=[{"metric": "orders_per_shopper", "margin": 0.02}])
    ramp.start(KEY, **WHO)
    yield
    SOURCE.reset()


def open_codes() -> list[str]:
    return list(Alarm.objects.still_open().filter(subject=KEY).values_list("code", flat=True))


def test_roll_back_by_the_minutes_task_raises_an_alarm_that_ends_with_it(running: None) -> None:
    SOURCE.rows = {"treatment": RowHealth(n=2000, errors=200, fallback=0, p95_ms=80.0)}

    tasks.run_ramps()
    watch.look(patience_s=0)

    alarm = Alarm.objects.get(code="ramp_rolled_back", subject=KEY)
    assert "10.0% failed; the limit is 1.5%" in alarm.detail
    assert told(alarm).command == f'python manage.py ramp {KEY} stop --reason "mended; a new phase follows"'
    ramp.stop(KEY, **WHO)
    watch.look(patience_s=0)
    watch.look(patience_s=0)
    assert open_codes() == []


def test_hold_raises_an_alarm_of_its_own(running: None) -> None:
    SOURCE.metrics = SOURCE.metrics[1:]

    tasks.run_ramps()
    watch.look(patience_s=0)

    assert open_codes() == ["ramp_held"]


def test_what_a_person_stopped_needs_nobody_told(running: None) -> None:
    ramp.roll_back(KEY, **WHO)

    watch.look(patience_s=0)

    assert open_codes() == []


def test_ramps_run_each_minute_and_do_not_pile_up() -> None:
    entry = beat_schedule(retrain_tick_s=60.0)["run-ramps"]

    assert (entry["task"], entry["schedule"], entry["options"]) == (tasks.run_ramps.name, 60.0, {"expires": 60.0})
