import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

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
from experiments.models import Experiment, Flag
from experiments.testutils import force_variation, reset_snapshot
from tests.experiments.conftest import FLAG, KEY

UNITS = [f"shopper-{number}" for number in range(400)]


@dataclass
class FakeShopper:
    shopper_key: str
    is_bot: bool = False
    has_consent: bool = True


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

    for coverage_bp in (2000, 0, 9000):
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


def test_force_variation_overrules_everything(experiment: Experiment) -> None:
    with force_variation(KEY, "treatment"):
        found = assign(KEY, "shopper-1", is_bot=True)
        is_active = flag_is_active(make_request(FakeShopper("shopper-1")), FLAG)

    assert (found.variation, found.reason, dict(found.payload)) == (
        "treatment",
        Reason.FORCED,
        {"slot": "home-recommended"},
    )
    assert is_active
    assert not found.is_analysed
    assert assign(KEY, "shopper-1").reason == Reason.OFF


def test_force_variation_nests_and_works_as_a_decorator(experiment: Experiment) -> None:
    @force_variation(KEY, "control")
    def find() -> str:
        with force_variation(KEY, "treatment"):
            inner = assign(KEY, "x").variation
        return f"{inner} {assign(KEY, 'x').variation}"

    assert find() == "treatment control"


def test_force_variation_refuses_an_unknown_variation(experiment: Experiment) -> None:
    with force_variation(KEY, "tretment"), pytest.raises(ValueError, match="has no variation 'tretment'"):
        assign(KEY, "shopper-1")
