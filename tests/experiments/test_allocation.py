from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from experiments import ramp
from experiments.definitions import ensure_experiment
from experiments.models import Phase, Snapshot
from tests.experiments.conftest import FLAG, KEY, VARIATIONS
from tests.experiments.ramping import HEALTHY, Ramp
from tests.factories.experiments import plan_experiment
from tests.fakes.planted import SOURCE

WHO: dict[str, Any] = {"actor": "ann", "reason": "because"}


@pytest.fixture
def world(db: None, settings: Settings) -> Iterator[Ramp]:
    """A bandit that has run for a minute; half of control's units order, six in ten of the treatment's."""
    found = Ramp(KEY)
    settings.CLOCK = lambda: found.now
    settings.EXPERIMENT_METRIC_SOURCE = "tests.fakes.planted.SOURCE"
    SOURCE.reset()
    SOURCE.rows = {"control": HEALTHY, "treatment": HEALTHY}
    SOURCE.orders = {"control": 0.5, "treatment": 0.6}
    made = ensure_experiment(key=KEY, name="Recommended For You", flag_name=FLAG, variations=VARIATIONS)
    plan_experiment(
        made,
        allocation="thompson",
        guardrails=[{"metric": "orders_per_shopper", "margin": 0.02}],
        steps=[{"seen_bp": 3000, "hours": 24, "min_units": None, "needs_approval": False}],
    )
    ramp.start(KEY, **WHO)
    found.pass_time(minutes=1)
    yield found
    SOURCE.reset()


def test_new_weights_are_a_new_phase_once_a_day(world: Ramp) -> None:
    first = world.phase
    world.expose(control=300, treatment=300)
    world.pass_time(hours=23, minutes=58)

    early = world.tick()
    world.pass_time(minutes=1)
    (change,) = world.tick()
    again = world.tick()

    assert (early, again) == ([], [])
    assert (change.action, change.code) == ("reallocate", "thompson")
    second = world.phase
    assert (second.number, second.coverage_bp, second.step, second.plan) == (2, 6000, 0, first.plan)
    assert second.salt != first.salt
    weights = dict(second.read_weights())
    assert weights["treatment"] > 5000 > weights["control"] >= 1000
    assert "Chances to be best by Homepage CTR" in change.reason


def test_phase_that_gave_way_is_frozen_and_its_data_count_on(world: Ramp) -> None:
    first = world.phase
    SOURCE.orders["treatment"] = 0.52
    world.expose(control=300, treatment=300)
    world.pass_time(hours=24)
    world.tick()
    world.pass_time(minutes=1)
    world.expose(control=5, treatment=20)
    world.pass_time(hours=24)

    (change,) = world.tick()

    assert Snapshot.objects.get(phase=first, is_final=True).total_units == 600
    # The second phase's 25 units alone would be too few to say anything.
    assert (change.action, world.phase.number) == ("reallocate", 3)


def test_fixed_weights_stay(world: Ramp) -> None:
    ramp.stop(KEY, **WHO)
    plan_experiment(world.experiment, allocation="fixed", guardrails=[{"metric": "orders_per_shopper", "margin": 0.02}])
    ramp.start(KEY, coverage_bp=6000, **WHO)
    world.pass_time(minutes=1)
    world.expose(control=300, treatment=300)
    world.pass_time(days=2)

    assert world.tick() == []


def test_few_units_open_no_phase(world: Ramp) -> None:
    world.expose(control=99, treatment=99)
    world.pass_time(days=1)

    assert world.tick() == []
    assert Phase.objects.count() == 1


def test_bandit_completes_at_its_planned_end(world: Ramp) -> None:
    world.expose(control=300, treatment=300)
    world.pass_time(days=1)
    world.tick()
    world.pass_time(days=27)

    (completed,) = world.tick()

    assert completed.action == "complete"
    assert completed.code == "planned_end"
    assert Snapshot.objects.filter(is_final=True).count() == 2
