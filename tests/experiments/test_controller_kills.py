"""Real processes, killed in the middle of what they do to an experiment."""

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing.synchronize import Event
from typing import Any

import pytest
from django.db import connection, connections
from pytest_django.fixtures import Settings

from experiments import controller, ramp
from experiments.definitions import ensure_experiment
from experiments.models import Phase, RampChange, Snapshot
from experiments.sources import RowHealth
from tests.experiments.conftest import FLAG, KEY, VARIATIONS
from tests.experiments.ramping import HEALTHY, Ramp
from tests.experiments.waiting import wait_for_waiting
from tests.factories.experiments import plan_experiment
from tests.fakes.planted import SOURCE

WHO: dict[str, Any] = {"actor": "ann", "reason": "because"}
LOCK = 70_420
CHANGES = "experiments_rampchange"
SNAPSHOTS = "experiments_snapshot"

FAILING = RowHealth(n=2000, errors=200, fallback=0, p95_ms=80.0)


def let_a_day_pass(world: Ramp) -> None:
    world.pass_time(hours=24)


def let_the_row_fail(world: Ramp) -> None:
    world.source.rows["treatment"] = FAILING


def reach_the_end(world: Ramp) -> None:
    world.pass_time(days=28)


@pytest.fixture
def world(settings: Settings, transactional_db: None) -> Iterator[Ramp]:
    """A healthy experiment with enough units, at its first step."""
    found = Ramp(KEY)
    settings.CLOCK = lambda: found.now
    settings.EXPERIMENT_METRIC_SOURCE = "tests.fakes.planted.SOURCE"
    SOURCE.reset()
    SOURCE.rows = {"control": HEALTHY, "treatment": HEALTHY}
    made = ensure_experiment(key=KEY, name="Recommended For You", flag_name=FLAG, variations=VARIATIONS)
    plan_experiment(made, guardrails=[{"metric": "orders_per_shopper", "margin": 0.02}])
    ramp.start(KEY, **WHO)
    found.pass_time(minutes=1)
    found.expose(control=200, treatment=200)
    yield found
    SOURCE.reset()


@contextmanager
def stopping_at(table: str) -> Iterator[None]:
    """Whoever writes a row of the table stops there, in the middle of its transaction, until the block ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        cursor.execute(
            "CREATE FUNCTION stop_here() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN PERFORM pg_advisory_xact_lock({LOCK}); RETURN NEW; END $$"
        )
        cursor.execute(f"CREATE TRIGGER stop_here BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION stop_here()")
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
            cursor.execute(f"DROP TRIGGER stop_here ON {table}")
            cursor.execute("DROP FUNCTION stop_here()")


def tick_when_told(world: Ramp, go: Event) -> None:
    go.wait(60)
    world.tick()


def kill_a_tick(world: Ramp, table: str) -> None:
    """Have another process tick, and kill it as by kill -9 where it writes the table."""
    forking = multiprocessing.get_context("fork")
    go = forking.Event()
    # The child must not inherit a connection: both would talk on it.
    connections.close_all()
    process = forking.Process(target=tick_when_told, args=(world, go), daemon=True)
    process.start()
    with stopping_at(table):
        go.set()
        wait_for_waiting(1)
        process.kill()
        process.join(60)
        assert process.exitcode == -signal.SIGKILL


def check_that_all_fits_together(world: Ramp) -> None:
    """Status, phase, flag and record tell the same story."""
    experiment, newest = world.experiment, world.newest
    open_phase = experiment.find_open_phase()
    assert newest.new_state == experiment.status
    assert experiment.flag.everyone is {"rolled_back": False, "shipped": True}.get(experiment.status)
    assert (open_phase is not None) == (experiment.status in {"running", "held", "rolled_back"})
    assert newest.new_coverage_bp == (open_phase.coverage_bp if open_phase is not None else None)
    if experiment.status == "rolled_back":
        assert open_phase is not None
        assert open_phase.coverage_bp == 0


@pytest.mark.parametrize("table", [SNAPSHOTS, CHANGES])
@pytest.mark.parametrize(
    ("arrange", "action"),
    [(let_a_day_pass, "advance"), (let_the_row_fail, "roll_back"), (reach_the_end, "complete")],
)
def test_tick_that_is_killed_leaves_all_or_nothing(
    world: Ramp, arrange: Callable[[Ramp], None], action: str, table: str
) -> None:
    arrange(world)
    before = (world.status, Phase.objects.values().get(), RampChange.objects.count())

    kill_a_tick(world, table)

    assert (world.status, Phase.objects.values().get(), RampChange.objects.count()) == before
    check_that_all_fits_together(world)
    (change,) = world.tick()
    assert change.action == action
    check_that_all_fits_together(world)


def test_tick_that_is_killed_before_it_freezes_leaves_that_to_the_next(world: Ramp) -> None:
    ramp.complete(KEY, **WHO)
    world.pass_time(minutes=1)

    kill_a_tick(world, SNAPSHOTS)
    is_frozen = Snapshot.objects.filter(is_final=True).exists()
    world.tick()

    assert not is_frozen
    assert Snapshot.objects.get(is_final=True).total_units == 400


def test_start_that_is_killed_leaves_a_schedule_that_is_kept(world: Ramp) -> None:
    ramp.stop(KEY, **WHO)
    ramp.schedule(KEY, at=world.now + timedelta(hours=1), **WHO)
    world.pass_time(hours=2)

    kill_a_tick(world, CHANGES)

    assert world.status == "scheduled"
    assert Phase.objects.filter(ended_at__isnull=True).count() == 0
    (started,) = [change for change in world.tick() if change.action == "start"]
    assert started.actor == controller.ACTOR
    check_that_all_fits_together(world)
