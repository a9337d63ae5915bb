import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser, Group
from django.http import HttpRequest
from django.test import RequestFactory
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings
from waffle import flag_is_active

from experiments import ramp
from experiments.assignment import CONTROL, Reason, assign
from experiments.conf import Unit
from experiments.eligibility import Rule
from experiments.models import Experiment, Flag
from experiments.overrides import Override
from experiments.states import HoldoutState, LayerState
from experiments.testutils import reset_snapshot
from tests.experiments.conftest import FLAG, KEY
from tests.experiments.states import load, make_flag

UNITS = [f"shopper-{number}" for number in range(400)]


@dataclass
class FakeShopper:
    shopper_key: str
    is_bot: bool = False
    has_consent: bool = True


@pytest.fixture(autouse=True)
def unit_of_the_shopper(settings: Settings) -> None:
    """The app by itself: a request's unit is its shopper."""
    settings.EXPERIMENT_UNIT = None


def make_request(shopper: FakeShopper | None, user: object = None, **cookies: str) -> HttpRequest:
    request = RequestFactory().get("/")
    request.COOKIES.update(cookies)
    request.user = user or AnonymousUser()  # type: ignore[assignment]
    if shopper is not None:
        request.shopper = shopper  # type: ignore[attr-defined]
    return request


def test_assign_is_off_for_an_unknown_experiment(db: None) -> None:
    found = assign("nothing", "shopper-1")

    assert (found.variation, found.reason, found.phase, dict(found.payload)) == (CONTROL, Reason.OFF, None, {})


def test_assign_is_off_before_the_first_phase(experiment: Experiment) -> None:
    found = assign(KEY, "shopper-1")

    assert (found.variation, found.reason, dict(found.payload)) == ("control", Reason.OFF, {"rule": "popular"})


def test_assign_splits_a_running_phase(running: Experiment) -> None:
    found = [assign(KEY, unit) for unit in UNITS]

    counts = Counter((one.variation, one.reason) for one in found)
    assert set(counts) == {
        ("control", Reason.EXEMPT),
        ("control", Reason.IN_PHASE),
        ("treatment", Reason.IN_PHASE),
    }
    assert all(one.phase == 1 for one in found)
    assert {one.is_analysed for one in found if one.reason == Reason.EXEMPT} == {False}
    assert found == [assign(KEY, unit) for unit in UNITS]


def test_assign_keeps_everybody_through_a_ramp(running: Experiment) -> None:
    before = {unit: assign(KEY, unit) for unit in UNITS}

    for coverage_bp in (2000, 1, 9000):
        ramp.set_coverage(KEY, coverage_bp=coverage_bp, actor="ann", reason="test")
    reset_snapshot()

    after = {unit: assign(KEY, unit) for unit in UNITS}
    included = [unit for unit, one in before.items() if one.is_analysed]
    assert included
    assert all(after[unit].variation == before[unit].variation for unit in included)


@pytest.mark.parametrize(
    ("everyone", "reason", "variation"), [(False, Reason.OFF, "control"), (True, Reason.SHIPPED, "treatment")]
)
def test_assign_lets_the_flag_overrule_the_phase(
    running: Experiment, set_everyone: Callable[[bool | None], None], everyone: bool, reason: Reason, variation: str
) -> None:
    set_everyone(everyone)

    found = {(one.reason, one.variation, one.phase) for one in (assign(KEY, unit) for unit in UNITS)}

    assert found == {(reason, variation, None)}


def test_assign_gives_control_to_bots_and_without_consent(running: Experiment) -> None:
    bots = {(one.variation, one.reason) for one in (assign(KEY, unit, is_bot=True) for unit in UNITS)}
    silent = {(one.variation, one.reason) for one in (assign(KEY, unit, has_consent=False) for unit in UNITS)}

    assert bots == {("control", Reason.BOT)}
    assert silent == {("control", Reason.NO_CONSENT)}


def test_assign_without_a_unit_is_control(running: Experiment) -> None:
    assert assign(KEY, "").reason == Reason.NO_UNIT


def test_assign_targets_named_users_groups_and_staff(running: Experiment) -> None:
    make_user = get_user_model().objects.create_user
    named, member, staff, other = (make_user(name) for name in ("named", "member", "staff", "other"))
    staff.is_staff = True
    group = Group.objects.create(name="friends")
    member.groups.add(group)
    flag = Flag.objects.get(name=FLAG)
    flag.users.add(named)
    flag.groups.add(group)
    flag.staff = True
    flag.save()
    reset_snapshot()

    found = {user.username: assign(KEY, "", user=user).reason for user in (named, member, staff, other)}

    assert found == {
        "named": Reason.TARGETED,
        "member": Reason.TARGETED,
        "staff": Reason.TARGETED,
        "other": Reason.NO_UNIT,
    }


def test_assign_never_looks_at_the_user_when_nobody_is_named(running: Experiment) -> None:
    class Untouchable:
        def __getattr__(self, name: str) -> object:
            raise AssertionError(f"looked at {name}")

    found = assign(KEY, "shopper-1", user=Untouchable())

    assert found.reason in {Reason.IN_PHASE, Reason.EXEMPT}


def test_superusers_are_not_on_by_default(running: Experiment) -> None:
    admin = get_user_model().objects.create_superuser("root")

    assert assign(KEY, "", user=admin).reason == Reason.NO_UNIT


def test_assign_asks_the_database_once_for_many_calls(
    running: Experiment, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    reset_snapshot()

    # Inside the test's transaction the reading is guarded by a savepoint: two more statements.
    with django_assert_num_queries(3):
        for unit in UNITS:
            assign(KEY, unit)


# All that can decide, in the order of deciding; taking one away lets the next one decide.
CHAIN: list[tuple[dict[str, Any], Reason, str]] = [
    ({"everyone": True}, Reason.SHIPPED, "treatment"),
    ({"everyone": False}, Reason.OFF, "control"),
    ({"is_bot": True}, Reason.BOT, "control"),
    ({"has_consent": False}, Reason.NO_CONSENT, "control"),
    ({"forced": "treatment"}, Reason.FORCED, "treatment"),
    ({"is_for_staff": True}, Reason.TARGETED, "treatment"),
    ({"unit": ""}, Reason.NO_UNIT, "control"),
    ({"rules": (Rule("device", frozenset({"phone"})),)}, Reason.INELIGIBLE, "control"),
    ({"holdouts": (HoldoutState("2026-q4", "a" * 32, 10_000),)}, Reason.HOLDOUT, "control"),
    ({"layer": LayerState("home", "b" * 32, 0, 0)}, Reason.EXEMPT, "control"),
    ({"coverage_bp": 0}, Reason.EXEMPT, "control"),
    ({"weights_bp": (("control", 0), ("treatment", 10_000))}, Reason.IN_PHASE, "treatment"),
]


@pytest.mark.parametrize("place", range(len(CHAIN)), ids=lambda place: str(CHAIN[place][1]))
def test_the_first_that_applies_decides(monkeypatch: pytest.MonkeyPatch, place: int) -> None:
    applying: dict[str, Any] = {}
    for facts, _, _ in reversed(CHAIN[place:]):
        applying.update(facts)
    asked = {name: applying.pop(name) for name in ("is_bot", "has_consent", "forced") if name in applying}
    unit, holdouts = applying.pop("unit", "shopper-1"), applying.pop("holdouts", ())
    on_flag = {name: applying.pop(name) for name in ("everyone", "is_for_staff") if name in applying}
    load(monkeypatch, replace(make_flag("row", **applying), **on_flag), holdouts=holdouts)

    found = assign("row", unit, user=get_user_model()(is_staff=True), attributes={"device": "desktop"}, **asked)

    _, reason, variation = CHAIN[place]
    assert (found.reason, found.variation) == (reason, variation)
    assert found.is_analysed is (reason is Reason.IN_PHASE)
    has_phase = reason in {Reason.FORCED, Reason.INELIGIBLE, Reason.HOLDOUT, Reason.EXEMPT, Reason.IN_PHASE}
    assert (found.phase_id, found.phase) == ((7, 1) if has_phase else (None, None))


def test_an_unknown_forced_variation_is_passed_over(running: Experiment) -> None:
    found = {unit: assign(KEY, unit, forced="tretment") for unit in UNITS}

    assert found == {unit: assign(KEY, unit) for unit in UNITS}


def test_eligible_units_keep_the_variation_they_have_without_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    load(monkeypatch, make_flag("row", coverage_bp=6000))
    before = [assign("row", unit) for unit in UNITS]

    load(monkeypatch, make_flag("row", coverage_bp=6000, rules=(Rule("device", frozenset({"phone"})),)))

    assert [assign("row", unit, attributes={"device": "phone"}) for unit in UNITS] == before
    assert {assign("row", unit).reason for unit in UNITS} == {Reason.INELIGIBLE}


def test_flag_is_active_knows_attributes_and_overrides(running: Experiment, settings: Settings) -> None:
    running.phases.update(ended_at=running.phases.get().started_at)
    Experiment.objects.update(eligibility=[{"attribute": "device", "is": ["phone"]}])
    running.phases.create(number=2, coverage_bp=10_000, weights_bp=[["control", 0], ["treatment", 10_000]])
    reset_snapshot()
    settings.EXPERIMENT_UNIT = lambda request: Unit("shopper-1", attributes={"device": request.headers["X-Device"]})
    phone, desktop = (RequestFactory().get("/", headers={"X-Device": name}) for name in ("phone", "desktop"))
    forced = RequestFactory().get("/", headers={"X-Device": "desktop"})
    forced.experiment_overrides = {KEY: Override("treatment", 0)}  # type: ignore[attr-defined]

    assert [flag_is_active(request, FLAG) for request in (phone, desktop, forced)] == [True, False, True]


def test_flag_is_active_agrees_with_assign(running: Experiment) -> None:
    for is_bot, has_consent in ((False, True), (True, True), (False, False)):
        for unit in UNITS:
            request = make_request(FakeShopper(unit, is_bot=is_bot, has_consent=has_consent))

            found = flag_is_active(request, FLAG)

            assert found == (not assign(KEY, unit, is_bot=is_bot, has_consent=has_consent).is_control)


def test_flag_is_active_reads_no_cookie_and_leaves_none(running: Experiment) -> None:
    unit = next(unit for unit in UNITS if assign(KEY, unit).is_control)
    request = make_request(FakeShopper(unit), **{f"dwf_{FLAG}": "True", f"dwft_{FLAG}": "True"})

    found = flag_is_active(request, FLAG)

    assert found is False
    assert not hasattr(request, "waffles")


def test_flag_is_active_never_draws(running: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random, "uniform", lambda *_: pytest.fail("a random draw"))

    assert {flag_is_active(make_request(FakeShopper(unit)), FLAG) for unit in UNITS} == {True, False}


def test_flag_is_active_takes_the_projects_own_unit(running: Experiment, settings: Settings) -> None:
    settings.EXPERIMENT_UNIT = lambda request: Unit(request.headers["X-Unit"])
    requests = [RequestFactory().get("/", headers={"X-Unit": unit}) for unit in UNITS]

    found = [flag_is_active(request, FLAG) for request in requests]

    assert found == [not assign(KEY, unit).is_control for unit in UNITS]


def test_flag_is_active_without_a_unit_is_off(running: Experiment) -> None:
    assert flag_is_active(make_request(None), FLAG) is False
    assert flag_is_active(make_request(None), "missing") is False


def test_flag_without_experiment_is_a_plain_switch(db: None) -> None:
    Flag.objects.create(name="plain_on", everyone=True)
    Flag.objects.create(name="plain_staff", staff=True)
    Flag.objects.create(name="plain")
    staff = get_user_model().objects.create_user("ann", is_staff=True)
    request = make_request(FakeShopper("shopper-1"), user=staff)

    found = {name: flag_is_active(request, name) for name in ("plain_on", "plain_staff", "plain")}

    assert found == {"plain_on": True, "plain_staff": True, "plain": False}
