import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django.fixtures import Settings

from experiments import endings, ramp
from experiments.changes import Change
from experiments.conf import now
from experiments.definitions import VariationDefinition, ensure_experiment
from experiments.exceptions import IllegalRamp, PlanIncomplete, UnknownExperiment
from experiments.lifecycle import ACCEPTED
from experiments.models import Experiment, Flag, Phase, RampChange
from tests.experiments.conftest import FLAG, KEY, VARIATIONS
from tests.factories.experiments import plan_experiment

WHO: dict[str, Any] = {"actor": "ann", "reason": "because"}
Service = Callable[..., RampChange | None]
SERVICES: dict[str, Service] = {
    "schedule": lambda key, **who: ramp.schedule(key, at=now() + timedelta(days=1), **who),
    "start": ramp.start,
    "set_coverage": lambda key, **who: ramp.set_coverage(key, coverage_bp=100, **who),
    "ramp_to": lambda key, **who: ramp.ramp_to(key, coverage_bp=100, **who),
    "approve_step": ramp.approve_step,
    "hold": ramp.hold,
    "resume": ramp.resume,
    "roll_back": ramp.roll_back,
    "reopen": ramp.reopen,
    "complete": ramp.complete,
    "ship": ramp.ship,
    "stop": ramp.stop,
}


def find_status() -> str:
    return Experiment.objects.get(key=KEY).status


def bring_to(state: str) -> None:
    """Take the draft to a status by the services alone."""
    if state == "scheduled":
        ramp.schedule(KEY, at=now() + timedelta(hours=1), **WHO)
    if state in {"running", "held", "rolled_back", "completed"}:
        ramp.start(KEY, **WHO)
    if state in {"shipped", "rolled_back_shipped"}:
        ramp.ship(KEY, **WHO)
    if state == "held":
        ramp.hold(KEY, **WHO)
    if state in {"rolled_back", "rolled_back_shipped"}:
        ramp.roll_back(KEY, **WHO)
    if state == "completed":
        ramp.complete(KEY, **WHO)


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


# What every service does in every status: the status after, or the refusal's code.
OUTCOMES = {
    "draft": {
        "schedule": "scheduled",
        "start": "running",
        "set_coverage": "!illegal_transition",
        "ramp_to": "running",
        "approve_step": "!illegal_transition",
        "hold": "!illegal_transition",
        "resume": "!illegal_transition",
        "roll_back": "draft",
        "reopen": "!illegal_transition",
        "complete": "!illegal_transition",
        "ship": "shipped",
        "stop": "draft",
    },
    "scheduled": {
        "schedule": "scheduled",
        "start": "running",
        "set_coverage": "!illegal_transition",
        "ramp_to": "running",
        "approve_step": "!illegal_transition",
        "hold": "!illegal_transition",
        "resume": "!illegal_transition",
        "roll_back": "scheduled",
        "reopen": "!illegal_transition",
        "complete": "!illegal_transition",
        "ship": "!illegal_transition",
        "stop": "draft",
    },
    "running": {
        "schedule": "!illegal_transition",
        "start": "running",
        "set_coverage": "running",
        "ramp_to": "running",
        "approve_step": "running",
        "hold": "held",
        "resume": "running",
        "roll_back": "rolled_back",
        "reopen": "running",
        "complete": "completed",
        "ship": "!not_completed",
        "stop": "draft",
    },
    "held": {
        "schedule": "!illegal_transition",
        "start": "!illegal_transition",
        "set_coverage": "held",
        "ramp_to": "held",
        "approve_step": "held",
        "hold": "held",
        "resume": "running",
        "roll_back": "rolled_back",
        "reopen": "!illegal_transition",
        "complete": "completed",
        "ship": "!not_completed",
        "stop": "draft",
    },
    "rolled_back": {
        "schedule": "!illegal_transition",
        "start": "!illegal_transition",
        "set_coverage": "!illegal_transition",
        "ramp_to": "running",
        "approve_step": "!illegal_transition",
        "hold": "!illegal_transition",
        "resume": "!illegal_transition",
        "roll_back": "rolled_back",
        "reopen": "running",
        "complete": "completed",
        "ship": "!not_completed",
        "stop": "draft",
    },
    "rolled_back_shipped": {
        "schedule": "!illegal_transition",
        "start": "!illegal_transition",
        "set_coverage": "!illegal_transition",
        "ramp_to": "running",
        "approve_step": "!illegal_transition",
        "hold": "!illegal_transition",
        "resume": "!illegal_transition",
        "roll_back": "rolled_back",
        "reopen": "shipped",
        "complete": "!not_running",
        "ship": "shipped",
        "stop": "draft",
    },
    "completed": {
        "schedule": "!illegal_transition",
        "start": "!illegal_transition",
        "set_coverage": "!illegal_transition",
        "ramp_to": "running",
        "approve_step": "!illegal_transition",
        "hold": "!illegal_transition",
        "resume": "!illegal_transition",
        "roll_back": "completed",
        "reopen": "!illegal_transition",
        "complete": "completed",
        "ship": "shipped",
        "stop": "draft",
    },
    "shipped": {
        "schedule": "!illegal_transition",
        "start": "!illegal_transition",
        "set_coverage": "!illegal_transition",
        "ramp_to": "running",
        "approve_step": "!illegal_transition",
        "hold": "!illegal_transition",
        "resume": "!illegal_transition",
        "roll_back": "rolled_back",
        "reopen": "shipped",
        "complete": "!illegal_transition",
        "ship": "shipped",
        "stop": "draft",
    },
}


@pytest.mark.parametrize(
    ("state", "service", "expected"),
    [(state, service, outcome) for state, row in OUTCOMES.items() for service, outcome in row.items()],
)
def test_service_in_each_status(experiment: Experiment, state: str, service: str, expected: str) -> None:
    bring_to(state)
    before = (find_status(), RampChange.objects.count())

    if expected.startswith("!"):
        with pytest.raises(IllegalRamp) as refusal:
            SERVICES[service](KEY, **WHO)
        assert refusal.value.code == expected[1:]
        assert (find_status(), RampChange.objects.count()) == before
        return
    SERVICES[service](KEY, **WHO)

    assert find_status() == expected


def test_outcomes_are_those_that_pages_offer() -> None:
    refused = {
        (state, service)
        for state, row in OUTCOMES.items()
        for service, outcome in row.items()
        if outcome == "!illegal_transition"
    }

    assert not refused & {(state, service) for service, states in ACCEPTED.items() for state in states}


@pytest.mark.parametrize(
    ("state", "service"),
    [(state, name) for state, row in OUTCOMES.items() for name, outcome in row.items() if not outcome.startswith("!")],
)
def test_service_repeated_changes_nothing(experiment: Experiment, state: str, service: str) -> None:
    moment = now() + timedelta(hours=2)
    services = {**SERVICES, "schedule": lambda key, **who: ramp.schedule(key, at=moment, **who)}
    bring_to(state)
    services[service](KEY, **WHO)
    n_changes = RampChange.objects.count()

    again = services[service](KEY, **WHO)

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


@pytest.mark.parametrize("service", [ramp.set_coverage, ramp.ramp_to])
def test_share_of_nobody_is_refused_with_the_way_to_it(running: Experiment, service: Callable[..., object]) -> None:
    with pytest.raises(IllegalRamp, match="roll it back instead") as refusal:
        service(KEY, coverage_bp=0, **WHO)

    assert refusal.value.code == "share_zero"
    assert Phase.objects.get().coverage_bp == 6000


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


def test_roll_back_is_coverage_nil_and_the_flag_off_at_once(running: Experiment) -> None:
    change = ramp.roll_back(KEY, **WHO)

    phase = Phase.objects.get()
    assert (phase.coverage_bp, phase.step, phase.ended_at) == (0, 0, None)
    assert Flag.objects.get(name=FLAG).everyone is False
    assert change is not None
    assert (change.old_coverage_bp, change.new_coverage_bp, change.new_state) == (6000, 0, "rolled_back")


def test_roll_back_puts_a_flag_right_that_was_switched_past_the_app(
    experiment: Experiment, set_everyone: Callable[[bool | None], None]
) -> None:
    set_everyone(True)

    ramp.roll_back(KEY, **WHO)

    assert Flag.objects.get(name=FLAG).everyone is None
    assert RampChange.objects.get().action == "roll_back"


def test_reopen_begins_again_at_the_first_step_of_the_same_phase(running: Experiment) -> None:
    salt = Phase.objects.get().salt
    ramp.roll_back(KEY, **WHO)

    ramp.reopen(KEY, **WHO)

    phase = Phase.objects.get()
    assert (phase.coverage_bp, phase.step, phase.salt) == (200, 0, salt)
    assert Flag.objects.get(name=FLAG).everyone is None


def test_reopen_is_refused_where_a_guardrail_would_trip_again(running: Experiment) -> None:
    with transaction.atomic():
        change = Change.begin(KEY, "ramp controller", "Orders fell by 9%, of 2% allowed.")
        change.code = "guardrail"
        endings.roll_back(change)

    with pytest.raises(IllegalRamp, match="Orders fell by 9%") as refusal:
        ramp.reopen(KEY, **WHO)

    assert refusal.value.code == "guardrail_tripped"


def test_stop_of_a_running_phase_completes_it_on_the_way(running: Experiment) -> None:
    ramp.stop(KEY, **WHO)

    moves = list(RampChange.objects.values_list("old_state", "new_state")[:2])
    assert moves == [("completed", "draft"), ("running", "completed")]
    assert Phase.objects.get().ended_at is not None


def test_ramp_to_from_shipped_opens_a_phase_of_its_own(running: Experiment) -> None:
    ramp.complete(KEY, **WHO)
    ramp.ship(KEY, **WHO)

    ramp.ramp_to(KEY, coverage_bp=500, **WHO)

    phases = list(Phase.objects.order_by("number"))
    assert [phase.ended_at is None for phase in phases] == [False, True]
    assert phases[0].salt != phases[1].salt
    assert Flag.objects.get(name=FLAG).everyone is None


def test_ramp_to_puts_a_flag_right_that_was_switched_past_the_app(
    running: Experiment, set_everyone: Callable[[bool | None], None]
) -> None:
    set_everyone(True)

    ramp.ramp_to(KEY, coverage_bp=6000, **WHO)

    assert Flag.objects.get(name=FLAG).everyone is None
    assert Phase.objects.get().ended_at is None


def test_ramp_to_from_rolled_back_is_one_change(running: Experiment) -> None:
    ramp.roll_back(KEY, **WHO)

    ramp.ramp_to(KEY, coverage_bp=500, **WHO)

    newest = RampChange.objects.first()
    assert newest is not None
    assert (newest.action, newest.new_coverage_bp) == ("reopen", 500)
    assert (Phase.objects.get().coverage_bp, Phase.objects.get().step) == (500, 1)


def test_set_coverage_by_a_person_is_an_approval_and_finds_its_step(running: Experiment) -> None:
    ramp.set_coverage(KEY, coverage_bp=2000, **WHO)

    phase = Phase.objects.get()
    assert (phase.step, phase.approved_step) == (2, 2)


def test_set_coverage_while_held_only_lowers(running: Experiment) -> None:
    ramp.hold(KEY, **WHO)

    ramp.set_coverage(KEY, coverage_bp=500, **WHO)
    with pytest.raises(IllegalRamp) as refusal:
        ramp.set_coverage(KEY, coverage_bp=6000, **WHO)

    assert refusal.value.code == "experiment_held"
    assert (find_status(), Phase.objects.get().coverage_bp) == ("held", 500)


def test_resume_begins_the_step_anew(running: Experiment, settings: Settings) -> None:
    ramp.hold(KEY, **WHO)
    later = now() + timedelta(days=3)
    settings.CLOCK = lambda: later

    ramp.resume(KEY, **WHO)

    assert Phase.objects.get().step_started_at == later


def test_approve_step_has_nothing_to_approve_at_the_last_one(running: Experiment) -> None:
    with pytest.raises(IllegalRamp) as refusal:
        ramp.approve_step(KEY, **WHO)

    assert refusal.value.code == "no_next_step"


def test_approve_step_agrees_to_the_next_one(experiment: Experiment) -> None:
    ramp.start(KEY, **WHO)

    ramp.approve_step(KEY, **WHO)

    assert Phase.objects.get().approved_step == 1
    assert RampChange.objects.first().action == "approve"  # type: ignore[union-attr]


def test_schedule_refuses_a_time_that_has_passed(experiment: Experiment) -> None:
    with pytest.raises(IllegalRamp) as refusal:
        ramp.schedule(KEY, at=now() - timedelta(seconds=1), **WHO)

    assert refusal.value.code == "time_passed"


def test_start_draws_a_salt_unless_it_is_given_one(experiment: Experiment) -> None:
    ramp.start(KEY, **WHO)
    drawn = experiment.phases.get(number=1).salt
    ramp.stop(KEY, **WHO)

    ramp.start(KEY, salt="5eed" * 8, **WHO)

    assert experiment.phases.get(number=2).salt == "5eed" * 8
    assert len(drawn) == 32
    assert drawn != "5eed" * 8


def test_start_takes_the_weights_of_the_draft(experiment: Experiment) -> None:
    experiment.variations.filter(is_control=True).update(weight_bp=8000)
    experiment.variations.filter(is_control=False).update(weight_bp=2000)

    ramp.start(KEY, **WHO)

    phase = Phase.objects.get()
    assert phase.read_weights() == (("control", 8000), ("treatment", 2000))
    assert (phase.coverage_bp, phase.step) == (500, 0)


def test_start_refuses_weights_of_a_draft_that_do_not_add_up(experiment: Experiment) -> None:
    experiment.variations.filter(is_control=True).update(weight_bp=8000)

    with pytest.raises(IllegalRamp) as refusal:
        ramp.start(KEY, **WHO)

    assert refusal.value.code == "weights_invalid"


def test_a_plan_that_lacks_something_starts_in_no_way(experiment: Experiment) -> None:
    plan_experiment(experiment, primary_metric="", mde=None)

    for service in ("start", "schedule", "ramp_to"):
        with pytest.raises(PlanIncomplete, match=r"Primary metric.*Minimum detectable") as refusal:
            SERVICES[service](KEY, **WHO)
        assert [field for field, _ in refusal.value.faults] == ["mde", "primary_metric"][::-1]
    assert find_status() == "draft"


def test_a_draft_ships_without_a_plan(experiment: Experiment) -> None:
    plan_experiment(experiment, primary_metric="", planned_end_at=None)

    change = ramp.ship(KEY, actor="ann", reason="It needs no test.")

    assert change is not None
    assert (find_status(), Flag.objects.get(name=FLAG).everyone) == ("shipped", True)


def test_ramp_to_refuses_what_was_decided_on_a_stale_page(running: Experiment) -> None:
    seen = RampChange.objects.first()
    assert seen is not None
    ramp.roll_back(KEY, actor="bob", reason="errors")

    with pytest.raises(IllegalRamp, match="bob changed it meanwhile") as refusal:
        ramp.ramp_to(KEY, coverage_bp=500, expected_change_id=seen.pk, **WHO)

    assert refusal.value.code == "stale_page"
    assert find_status() == "rolled_back"


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
    plan_experiment(ensure_experiment(key=KEY, name="Recommended For You", flag_name=FLAG, variations=VARIATIONS))
    barrier = threading.Barrier(2)
    found: list[RampChange | None] = []

    def click() -> None:
        try:
            barrier.wait(60)
            found.append(ramp.ramp_to(KEY, coverage_bp=200, **WHO))
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(change is None for change in found) == [False, True]
    assert RampChange.objects.count() == Phase.objects.count() == 1
