"""One view, one assignment; what is known of a shopper is looked up only when somebody asks."""

from typing import cast
from uuid import uuid4

import pytest
from django.test import RequestFactory
from pytest_django import DjangoAssertNumQueries

from experiments import switches
from experiments.assignment import Reason, assign_request
from experiments.conf import eligibility_attributes
from experiments.overrides import Override
from experiments.testutils import reset_snapshot
from recommendations.events import cookie
from recommendations.events.cookie import Consent, Visit
from recommendations.events.middleware import ShopperRequest
from recommendations.ports import Shopper
from storefront.experiment_hooks import ATTRIBUTES
from storefront.page_view import PageView
from storefront.row_experiments import EXPERIMENT
from tests.factories.accounts import make_user
from tests.factories.second_row import look_at, run_experiment

pytestmark = pytest.mark.django_db

OLD, NEW = {"rule": "trending"}, {"slot": "home-recommended"}


def test_attributes_are_looked_up_only_when_asked_for(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    view = PageView(Shopper("a" * 32, ""), device="phone")

    with django_assert_num_queries(0):
        assert view.attributes["device"] == "phone"
        assert view.attributes["signed_in"] == "no"
    with django_assert_num_queries(1):
        assert [view.attributes["history"], view.attributes["history"]] == ["new", "new"]
    assert {name: view.attributes[name] in values for name, values in ATTRIBUTES.items()} == dict.fromkeys(
        ATTRIBUTES, True
    )


def test_attributes_name_a_known_signed_in_shopper() -> None:
    shopper = Shopper("b" * 32, "")
    look_at(shopper, "SKU-1")

    view = PageView(shopper, user=make_user())

    assert dict(view.attributes) == {"device": "desktop", "history": "returning", "signed_in": "yes"}
    with pytest.raises(KeyError):
        view.attributes["age"]


def test_view_of_a_request_is_made_once_and_decides_as_flags_do() -> None:
    run_experiment(OLD, NEW, eligibility=[{"attribute": "device", "is": ["phone"]}])
    request = cast("ShopperRequest", RequestFactory().get("/", headers={"Sec-CH-UA-Mobile": "?1"}))
    request.COOKIES[cookie.NAME] = cookie.spell(Visit("a" * 32, "b" * 16, 0, Consent.UNASKED))

    view = PageView.of(request)

    assert PageView.of(request) is view
    assert view.assignment.reason is Reason.IN_PHASE
    assert assign_request(EXPERIMENT, request) == view.assignment


@pytest.mark.parametrize("held", [None, "", "forged", cookie.spell(Visit("", "", 0, Consent.UNASKED))])
def test_whoever_brings_no_cookie_is_in_no_experiment(held: str | None) -> None:
    run_experiment(OLD, NEW)
    requests = [cast("ShopperRequest", RequestFactory().get("/")) for _ in range(8)]
    for request in requests:
        if held is not None:
            request.COOKIES[cookie.NAME] = held

    views = [PageView.of(request) for request in requests]

    assert {(view.assignment.reason, view.assignment.variation) for view in views} == {(Reason.NO_UNIT, "control")}
    assert {view.analysed_phase_id for view in views} == {None}
    assert {assign_request(EXPERIMENT, request).reason for request in requests} == {Reason.NO_UNIT}


def test_whoever_brings_no_cookie_sees_what_is_shipped_or_forced() -> None:
    run_experiment(OLD, NEW)
    forced = PageView(Shopper("d" * 32, ""), forced={EXPERIMENT: "treatment"}, has_returned=False)
    tester = forced.assignment.reason
    switches.complete(EXPERIMENT, actor="ann", reason="a test")
    switches.ship(EXPERIMENT, actor="ann", reason="a test")
    reset_snapshot()

    shipped = PageView(Shopper("d" * 32, ""), has_returned=False).assignment

    assert tester is Reason.FORCED
    assert (shipped.reason, shipped.variation) == (Reason.SHIPPED, "treatment")


def test_device_decides_eligibility() -> None:
    run_experiment(OLD, NEW, eligibility=[{"attribute": "device", "is": ["phone"]}])

    found = [PageView(Shopper("c" * 32, ""), device=device).assignment.reason for device in ("phone", "desktop")]

    assert found == [Reason.IN_PHASE, Reason.INELIGIBLE]


def test_rules_may_not_look_at_what_a_view_changes() -> None:
    shopper = Shopper(uuid4().hex, "")
    before = dict(PageView(shopper).attributes)

    look_at(shopper, "SKU-1")

    after = dict(PageView(shopper, user=make_user()).attributes)
    changed = {name for name in ATTRIBUTES if before[name] != after[name]}
    assert changed == set(ATTRIBUTES) - set(eligibility_attributes() or ())


def test_verified_override_is_taken_from_the_request() -> None:
    run_experiment(OLD, NEW)
    request = RequestFactory().get("/")
    request.experiment_overrides = {EXPERIMENT: Override("treatment", 2**40)}  # type: ignore[attr-defined]

    assignment = PageView.of(request).assignment

    assert (assignment.reason, assignment.variation) == (Reason.FORCED, "treatment")
    assert PageView.of(request).analysed_phase_id is None
