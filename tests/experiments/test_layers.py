import threading
from itertools import pairwise

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given, strategies
from pytest_django.fixtures import Settings

from experiments import ramp, switches
from experiments.assignment import Reason, assign
from experiments.bucketing import BUCKETS, LAYER_SCOPE, bucket
from experiments.definitions import ensure_experiment
from experiments.exceptions import IllegalRamp, PlanIncomplete
from experiments.layers import claim_slots, find_free, find_gaps, release_slots
from experiments.models import Experiment, Holdout, Layer, Status
from experiments.testutils import reset_snapshot
from tests.experiments.conftest import KEY, VARIATIONS
from tests.factories.experiments import plan_experiment

Slots = tuple[int, int]


def make_experiment(layer: Layer | None, key: str = KEY, wish: Slots | None = None) -> Experiment:
    made = ensure_experiment(key=key, name=key, flag_name=key, variations=VARIATIONS)
    made.layer = layer
    made.layer_start, made.layer_stop = wish or (None, None)
    made.save()
    return plan_experiment(made)


def start_owning(layer: Layer, key: str, slots: Slots) -> Experiment:
    made = make_experiment(layer, key, slots)
    claim_slots(made)
    ramp.start(key, coverage_bp=BUCKETS, actor="ann", reason="test")
    return Experiment.objects.get(pk=made.pk)


@pytest.fixture
def layer(db: None) -> Layer:
    return Layer.objects.create(key="home", name="Homepage")


def test_claim_slots_takes_all_of_an_empty_layer(layer: Layer) -> None:
    experiment = make_experiment(layer)

    found = claim_slots(experiment)

    experiment.refresh_from_db()
    assert found == (0, BUCKETS) == (experiment.layer_start, experiment.layer_stop)


def test_claim_slots_takes_what_it_wishes_and_then_the_widest_gap(layer: Layer) -> None:
    start_owning(layer, "one", (1000, 2000))
    start_owning(layer, "two", (5000, 6000))

    found = claim_slots(make_experiment(layer, "three"))

    assert found == (6000, BUCKETS)
    assert find_free(layer) == ((0, 1000), (2000, 5000), (6000, BUCKETS))


def test_claim_slots_again_changes_nothing(layer: Layer) -> None:
    experiment = start_owning(layer, "one", (0, 4000))

    assert claim_slots(experiment) == (0, 4000)
    assert claim_slots(experiment) == (0, 4000)


def test_claim_slots_without_a_layer_is_none(db: None) -> None:
    assert claim_slots(make_experiment(None)) is None


def test_claim_slots_refuses_buckets_of_another_and_names_the_free_ones(layer: Layer) -> None:
    start_owning(layer, "one", (1000, 6000))

    with pytest.raises(IllegalRamp, match=r"belong in part to one\. Free: 0 to 1000, 6000 to 10000") as refusal:
        claim_slots(make_experiment(layer, "two", (5999, 7000)))

    assert refusal.value.code == "slots_taken"


def test_claim_slots_refuses_a_full_layer(layer: Layer) -> None:
    start_owning(layer, "one", (0, BUCKETS))

    with pytest.raises(IllegalRamp, match=r"no free bucket \(one\)") as refusal:
        claim_slots(make_experiment(layer, "two"))

    assert refusal.value.code == "layer_full"


def test_drafts_may_wish_for_the_same_slots(layer: Layer) -> None:
    make_experiment(layer, "one", (0, 6000))
    make_experiment(layer, "two", (3000, BUCKETS))

    assert find_free(layer) == ((0, BUCKETS),)


def test_slots_stay_owned_while_rolled_back_and_are_free_after_the_end(layer: Layer) -> None:
    experiment = start_owning(layer, "one", (0, 4000))
    switches.roll_back("one", actor="ann", reason="test")
    owned = find_free(layer)

    switches.stop("one", actor="ann", reason="test")
    experiment.refresh_from_db()
    release_slots(experiment)

    assert owned == ((4000, BUCKETS),)
    assert find_free(layer) == ((0, BUCKETS),)
    assert (experiment.layer_start, experiment.layer_stop) == (None, None)


def test_a_shipped_experiment_gives_its_slots_back_and_keeps_its_kill_switch(layer: Layer) -> None:
    start_owning(layer, "one", (0, 4000))
    switches.complete("one", actor="ann", reason="test")
    switches.ship("one", actor="ann", reason="test")
    start_owning(layer, "two", (0, BUCKETS))

    switches.roll_back("one", actor="ann", reason="errors")

    assert Experiment.objects.get(key="one").status == Status.ROLLED_BACK
    assert Experiment.objects.get(key="one").flag.everyone is False


def test_starting_freezes_the_slots_into_the_phases_plan(layer: Layer) -> None:
    experiment = start_owning(layer, "one", (0, 4000))

    plan = experiment.phases.get().plan

    assert plan["layer"] == {"key": "home", "salt": layer.salt, "start": 0, "stop": 4000}


def test_start_refuses_rules_that_nobody_can_meet(layer: Layer, settings: Settings) -> None:
    settings.EXPERIMENT_ATTRIBUTES = {"device": ("phone", "desktop")}
    experiment = make_experiment(layer)
    plan_experiment(experiment, eligibility=[{"attribute": "device", "is": ["fridge"]}])

    with pytest.raises(PlanIncomplete, match="'device' is never 'fridge'") as refusal:
        ramp.start(KEY, actor="ann", reason="test")

    assert [field for field, _ in refusal.value.faults] == ["eligibility"]


def test_start_refuses_rules_on_what_a_variation_can_change(layer: Layer, settings: Settings) -> None:
    settings.EXPERIMENT_ATTRIBUTES = {"device": ("phone", "desktop"), "history": ("new", "returning")}
    settings.EXPERIMENT_ELIGIBILITY = ("device",)
    experiment = make_experiment(layer)
    plan_experiment(experiment, eligibility=[{"attribute": "history", "is": ["new"]}])

    with pytest.raises(PlanIncomplete, match=r"'history' is no fixed attribute, use one of \['device'\]") as refusal:
        ramp.start(KEY, actor="ann", reason="test")

    assert [field for field, _ in refusal.value.faults] == ["eligibility"]


def test_no_fixed_attribute_means_no_rules_at_all(layer: Layer, settings: Settings) -> None:
    settings.EXPERIMENT_ATTRIBUTES = {"history": ("new", "returning")}
    settings.EXPERIMENT_ELIGIBILITY = ()
    experiment = make_experiment(layer)
    plan_experiment(experiment, eligibility=[{"attribute": "history", "is": ["new"]}])

    with pytest.raises(PlanIncomplete, match="is no fixed attribute"):
        ramp.start(KEY, actor="ann", reason="test")


def test_database_refuses_two_running_experiments_on_one_bucket(layer: Layer) -> None:
    start_owning(layer, "one", (0, 4000))
    two = make_experiment(layer, "two", (3999, 5000))

    with pytest.raises(IntegrityError, match="experiment_layer_slots_apart"), transaction.atomic():
        Experiment.objects.filter(pk=two.pk).update(status=Status.RUNNING)


@pytest.mark.parametrize("change", [{"layer_stop": 5000}, {"eligibility": [{"attribute": "a", "is": ["b"]}]}])
def test_database_keeps_who_may_take_part_while_a_phase_is_open(layer: Layer, change: dict[str, object]) -> None:
    experiment = start_owning(layer, "one", (0, 4000))

    with pytest.raises(IntegrityError, match="while a phase is open"), transaction.atomic():
        Experiment.objects.filter(pk=experiment.pk).update(**change)


def test_database_keeps_the_salts_of_layers_and_holdouts(layer: Layer) -> None:
    holdout = Holdout.objects.create(key="2026-q4", name="Fourth quarter", share_bp=500)

    for row in (layer, holdout):
        with pytest.raises(IntegrityError, match="A salt never changes"), transaction.atomic():
            type(row)._default_manager.filter(pk=row.pk).update(salt="0" * 32)
    Holdout.objects.update(share_bp=1000)

    assert Holdout.objects.get().share_bp == 1000


def test_started_experiments_of_one_layer_share_no_unit(layer: Layer) -> None:
    start_owning(layer, "one", (0, 3000))
    start_owning(layer, "two", (3000, BUCKETS))
    reset_snapshot()
    units = [f"shopper-{number}" for number in range(500)]

    places = {unit: bucket(layer.salt, LAYER_SCOPE, unit) for unit in units}
    found = {unit: [assign(key, unit).reason is Reason.IN_PHASE for key in ("one", "two")] for unit in units}

    assert all(found[unit] == [place < 3000, place >= 3000] for unit, place in places.items())


def test_a_phase_without_claimed_slots_lets_nobody_in(layer: Layer) -> None:
    experiment = make_experiment(layer)
    experiment.phases.create(number=1, coverage_bp=BUCKETS, weights_bp=[["control", 5000], ["treatment", 5000]])
    reset_snapshot()

    assert {assign(KEY, f"shopper-{number}").reason for number in range(50)} == {Reason.EXEMPT}


@given(strategies.lists(strategies.integers(0, BUCKETS), unique=True, max_size=10))
def test_find_gaps_and_what_is_taken_make_the_whole(cuts: list[int]) -> None:
    cuts = sorted(cuts)[: len(cuts) // 2 * 2]
    taken = list(zip(cuts[::2], cuts[1::2], strict=True))

    gaps = find_gaps(reversed(taken))

    parts = sorted([*taken, *gaps])
    assert sum(stop - start for start, stop in parts) == BUCKETS
    assert all(before[1] == after[0] for before, after in pairwise(parts))


@pytest.mark.django_db(transaction=True)
def test_two_claims_at_once_get_different_slots() -> None:
    layer = Layer.objects.create(key="home", name="Homepage")
    wishes = {"one": (0, 6000), "two": (4000, BUCKETS)}
    for key, wish in wishes.items():
        make_experiment(layer, key, wish)
    both_ready, outcomes = threading.Barrier(2), []

    def claim(key: str) -> None:
        try:
            both_ready.wait(60)
            with transaction.atomic():
                experiment = Experiment.objects.locked(key)
                claim_slots(experiment)
                experiment.phases.create(number=1, coverage_bp=1, weights_bp=[["control", 5000], ["treatment", 5000]])
            outcomes.append("claimed")
        except IllegalRamp as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=claim, args=(key,)) for key in wishes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["claimed", "slots_taken"]
