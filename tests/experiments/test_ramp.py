import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from experiments import ramp
from experiments.definitions import VariationDefinition, ensure_experiment
from experiments.exceptions import IllegalRamp, UnknownExperiment
from experiments.models import Experiment, ExperimentState, Phase, RampChange
from tests.experiments.conftest import FLAG, KEY, VARIATIONS

WHO: dict[str, Any] = {"actor": "ann", "reason": "because"}
Service = Callable[..., RampChange | None]
SERVICES: dict[str, Callable[..., RampChange | None]] = {
    "start": lambda key, **who: ramp.start(key, coverage_bp=200, **who),
    "set_coverage": lambda key, **who: ramp.set_coverage(key, coverage_bp=500, **who),
    "turn_off": ramp.turn_off,
    "reopen": ramp.reopen,
    "stop": ramp.stop,
    "ship": ramp.ship,
    "ramp_to": lambda key, **who: ramp.ramp_to(key, coverage_bp=500, **who),
}


def find_state() -> ExperimentState:
    experiment = Experiment.objects.select_related("flag").get(key=KEY)
    return experiment.find_state(experiment.find_open_phase())


def bring_to(state: str) -> None:
    if state in {"running", "off"}:
        ramp.start(KEY, coverage_bp=200, **WHO)
    if state in {"off", "off_without_phase"}:
        ramp.turn_off(KEY, **WHO)
    if state == "shipped":
        ramp.ship(KEY, **WHO)


def test_start_opens_a_phase_and_records_it(experiment: Experiment) -> None:
    change = ramp.start(KEY, coverage_bp=200, actor=" ann ", reason=" first look ")

    phase = Phase.objects.get()
    assert (phase.number, phase.coverage_bp, phase.read_weights()) == (
        1,
        200,
        (("control", 5000), ("treatment", 5000)),
    )
    assert len(phase.salt) == 32
    assert change is not None
    assert (change.actor, change.reason, change.old_state, change.new_state) == (
        "ann",
        "first look",
        "draft",
        "running",
    )
    assert (change.old_coverage_bp, change.new_coverage_bp, change.featured_bp) == (None, 200, 5000)


# What every service does in every state: the state after, or the refusal's code.
TRANSITIONS = [
    ("draft", "start", "running"),
    ("draft", "set_coverage", "!not_running"),
    ("draft", "turn_off", "off"),
    ("draft", "reopen", "!not_running"),
    ("draft", "stop", "draft"),
    ("draft", "ship", "shipped"),
    ("draft", "ramp_to", "running"),
    ("running", "start", "running"),
    ("running", "set_coverage", "running"),
    ("running", "turn_off", "off"),
    ("running", "reopen", "running"),
    ("running", "stop", "draft"),
    ("running", "ship", "shipped"),
    ("running", "ramp_to", "running"),
    ("off", "start", "!experiment_off"),
    ("off", "set_coverage", "!experiment_off"),
    ("off", "turn_off", "off"),
    ("off", "reopen", "running"),
    ("off", "stop", "draft"),
    ("off", "ship", "shipped"),
    ("off", "ramp_to", "running"),
    ("off_without_phase", "start", "running"),
    ("off_without_phase", "set_coverage", "!experiment_off"),
    ("off_without_phase", "turn_off", "off"),
    ("off_without_phase", "reopen", "!not_running"),
    ("off_without_phase", "stop", "draft"),
    ("off_without_phase", "ship", "shipped"),
    ("off_without_phase", "ramp_to", "running"),
    ("shipped", "start", "running"),
    ("shipped", "set_coverage", "!experiment_shipped"),
    ("shipped", "turn_off", "off"),
    ("shipped", "reopen", "!experiment_shipped"),
    ("shipped", "stop", "draft"),
    ("shipped", "ship", "shipped"),
    ("shipped", "ramp_to", "running"),
]


@pytest.mark.parametrize(("state", "service", "expected"), TRANSITIONS)
def test_service_in_each_state(experiment: Experiment, state: str, service: str, expected: str) -> None:
    bring_to(state)
    before = (find_state(), RampChange.objects.count())

    if expected.startswith("!"):
        with pytest.raises(IllegalRamp) as refusal:
            SERVICES[service](KEY, **WHO)
        assert refusal.value.code == expected[1:]
        assert (find_state(), RampChange.objects.count()) == before
        return
    SERVICES[service](KEY, **WHO)

    assert find_state() == expected


@pytest.mark.parametrize("service", SERVICES)
def test_service_repeated_changes_nothing(running: Experiment, service: str) -> None:
    if service == "start":
        ramp.set_coverage(KEY, coverage_bp=200, **WHO)
    SERVICES[service](KEY, **WHO)
    n_changes = RampChange.objects.count()

    again = SERVICES[service](KEY, **WHO)

    assert again is None
    assert RampChange.objects.count() == n_changes


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize(("who", "code"), [("actor", "actor_missing"), ("reason", "reason_missing")])
def test_service_refuses_a_change_without_who_and_why(running: Experiment, service: str, who: str, code: str) -> None:
    with pytest.raises(IllegalRamp) as refusal:
        SERVICES[service](KEY, **{**WHO, who: "  "})

    assert refusal.value.code == code


@pytest.mark.parametrize("service", SERVICES)
def test_service_refuses_an_unknown_experiment(db: None, service: str) -> None:
    with pytest.raises(UnknownExperiment):
        SERVICES[service]("nothing", **WHO)


@pytest.mark.parametrize("coverage_bp", [-1, 10_001])
def test_coverage_outside_the_range_is_refused(running: Experiment, coverage_bp: int) -> None:
    with pytest.raises(IllegalRamp) as refusal:
        ramp.set_coverage(KEY, coverage_bp=coverage_bp, **WHO)

    assert refusal.value.code == "coverage_out_of_range"


def test_start_refuses_other_weights_while_running(running: Experiment) -> None:
    with pytest.raises(IllegalRamp) as refusal:
        ramp.start(KEY, coverage_bp=6000, weights_bp=(("control", 9000), ("treatment", 1000)), **WHO)

    assert refusal.value.code == "weights_changed"


def test_start_refuses_another_coverage_while_running(running: Experiment) -> None:
    with pytest.raises(IllegalRamp) as refusal:
        ramp.start(KEY, coverage_bp=500, **WHO)

    assert refusal.value.code == "already_running"


def test_start_refuses_weights_that_do_not_fit(experiment: Experiment) -> None:
    with pytest.raises(IllegalRamp) as refusal:
        ramp.start(KEY, coverage_bp=200, weights_bp=(("control", 5000), ("other", 5000)), **WHO)

    assert refusal.value.code == "weights_invalid"


def test_stop_makes_room_for_a_phase_with_another_salt_and_weights(running: Experiment) -> None:
    first = Phase.objects.get()
    ramp.stop(KEY, **WHO)

    ramp.start(KEY, coverage_bp=1000, weights_bp=(("control", 9000), ("treatment", 1000)), **WHO)

    second = Phase.objects.get(ended_at__isnull=True)
    assert (second.number, second.read_weights()) == (2, (("control", 9000), ("treatment", 1000)))
    assert second.salt != first.salt


def test_kill_switch_leaves_the_phase_as_it_was(running: Experiment) -> None:
    before = Phase.objects.values().get()

    ramp.turn_off(KEY, **WHO)
    ramp.reopen(KEY, **WHO)

    assert Phase.objects.values().get() == before


def test_ship_ends_the_phase_and_ramp_to_opens_another(running: Experiment) -> None:
    ramp.ship(KEY, **WHO)
    ramp.ramp_to(KEY, coverage_bp=500, **WHO)

    phases = list(Phase.objects.order_by("number"))
    assert [phase.ended_at is None for phase in phases] == [False, True]
    assert phases[0].salt != phases[1].salt


def test_ramp_to_replaces_a_phase_under_a_flag_switched_on_elsewhere(
    running: Experiment, set_everyone: Callable[[bool | None], None]
) -> None:
    set_everyone(True)

    ramp.ramp_to(KEY, coverage_bp=500, **WHO)

    assert find_state() == "running"
    assert Phase.objects.get(ended_at__isnull=True).number == 2


def test_ramp_to_from_off_reopens_and_moves_in_one_go(running: Experiment) -> None:
    ramp.turn_off(KEY, **WHO)

    ramp.ramp_to(KEY, coverage_bp=500, **WHO)

    assert list(RampChange.objects.values_list("action", flat=True)[:2]) == ["set_coverage", "reopen"]
    assert Phase.objects.get().coverage_bp == 500


def test_ramp_to_refuses_what_was_decided_on_a_stale_page(running: Experiment) -> None:
    seen = RampChange.objects.first()
    assert seen is not None
    ramp.turn_off(KEY, actor="bob", reason="errors")

    with pytest.raises(IllegalRamp, match="bob changed it meanwhile") as refusal:
        ramp.ramp_to(KEY, coverage_bp=500, expected_change_id=seen.pk, **WHO)

    assert refusal.value.code == "stale_page"
    assert find_state() == "off"


def test_ship_asks_which_of_several_variations(db: None) -> None:
    third = VariationDefinition("other", "Other", {})
    ensure_experiment(key=KEY, name="Three", flag_name=FLAG, variations=(*VARIATIONS, third))

    with pytest.raises(IllegalRamp) as ambiguous:
        ramp.ship(KEY, **WHO)
    with pytest.raises(IllegalRamp) as unknown:
        ramp.ship(KEY, variation="nothing", **WHO)
    ramp.ship(KEY, variation="other", **WHO)

    assert (ambiguous.value.code, unknown.value.code) == ("variation_ambiguous", "variation_unknown")
    assert Experiment.objects.get().shipped == Experiment.objects.get().variations.get(key="other")


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_change() -> None:
    ensure_experiment(key=KEY, name="Recommended For You", flag_name=FLAG, variations=VARIATIONS)
    barrier = threading.Barrier(2)
    found: list[RampChange | None] = []

    def click() -> None:
        try:
            barrier.wait(5)
            found.append(ramp.ramp_to(KEY, coverage_bp=200, **WHO))
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert sorted(change is None for change in found) == [False, True]
    assert RampChange.objects.count() == Phase.objects.count() == 1
