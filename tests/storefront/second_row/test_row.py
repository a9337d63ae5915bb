"""The second row of every kind of variation, and the one exposure that it leaves."""

from unittest.mock import ANY

import pytest
from django.db import OperationalError

from experiments.models import Design, Exposure
from recommendations.exceptions import BackendThrottled
from recommendations.ports import Shopper
from storefront import page_view, shelves
from storefront.page_view import PageView
from storefront.row_experiments import EXPERIMENT
from storefront.second_row import row
from storefront.second_row.plans import Plan
from tests.factories.second_row import look_at, make_shopper_in, run_experiment, serve_rotation, stock_shop
from tests.fakes.runtime import FakeRuntime
from tests.quickness import quickest_s

pytestmark = pytest.mark.django_db

OLD, NEW = {"rule": "trending"}, {"slot": "home-recommended", "rotation": "home"}
K = 6


def show(shopper: Shopper, shown: tuple[str, ...] = ()) -> Plan:
    return row.second_row(PageView(shopper), set(shown), k=K)


def exposure_of(shopper: Shopper) -> Exposure:
    return Exposure.objects.select_related("variation").get(unit=shopper.shopper_key)


@pytest.fixture
def skus() -> list[str]:
    return stock_shop()


@pytest.mark.parametrize("variation", ["control", "treatment"])
def test_every_variation_leaves_one_exposure_with_what_was_known_before(skus: list[str], variation: str) -> None:
    phase = run_experiment(OLD, NEW)
    shopper = make_shopper_in(variation)
    look_at(shopper, skus[40])

    for _ in range(3):
        show(shopper)

    exposure = exposure_of(shopper)
    assert (exposure.phase_id, exposure.variation.key) == (phase.pk, variation)
    assert exposure.attributes == {"device": "desktop", "history": "returning", "signed_in": "no"}
    assert (exposure.is_triggered, exposure.is_forced) == (True, False)


@pytest.mark.parametrize("error", [BackendThrottled("slower"), ValueError("a fault")])
def test_exposure_does_not_depend_on_the_backend(
    skus: list[str], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    serve_rotation(monkeypatch, "home", FakeRuntime(error=error))
    run_experiment(OLD, NEW)
    shopper = make_shopper_in("treatment")
    look_at(shopper, skus[40])

    plan = show(shopper)

    assert (plan.key, plan.served.rung) == ("recommended", "popular")
    assert plan.served.error in ("backend_throttled", "unexpected")
    assert exposure_of(shopper).is_triggered


def test_fault_of_the_rows_own_code_gives_controls_rule_and_the_exposure(
    skus: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_args: object, **_named: object) -> None:
        raise KeyError("a fault")

    run_experiment(OLD, NEW)
    shopper = make_shopper_in("treatment")
    look_at(shopper, skus[40])
    monkeypatch.setattr(row, "recommended_for_you", break_down)

    plan = show(shopper)

    assert (plan.key, plan.served.error, len(plan.served.item_ids)) == ("trending", "unexpected", K)
    assert exposure_of(shopper).variation.key == "treatment"


@pytest.mark.parametrize("variation", ["control", "treatment"])
def test_database_that_is_away_is_left_to_the_page_and_takes_nobody_out(
    skus: list[str], monkeypatch: pytest.MonkeyPatch, variation: str
) -> None:
    def go_away(*_args: object, **_named: object) -> None:
        raise OperationalError

    run_experiment(OLD, NEW)
    shopper = make_shopper_in(variation)
    for module, name in ((row, "recommended_for_you"), (shelves, "shared"), (page_view, "has_history")):
        monkeypatch.setattr(module, name, go_away)

    with pytest.raises(OperationalError):
        show(shopper)

    exposure = exposure_of(shopper)
    assert (exposure.variation.key, exposure.is_triggered) == (variation, True)
    assert exposure.attributes == {"device": "desktop", "history": "unknown", "signed_in": "no"}


def test_shopper_without_history_sees_the_same_in_both_and_is_not_triggered(skus: list[str]) -> None:
    run_experiment(OLD, NEW)
    shoppers = [make_shopper_in("control"), make_shopper_in("treatment")]

    plans = [show(shopper) for shopper in shoppers]

    assert plans[0].served.item_ids == plans[1].served.item_ids
    assert {plan.key for plan in plans} == {"trending"}
    assert [exposure_of(shopper).is_triggered for shopper in shoppers] == [False, False]
    assert [exposure_of(shopper).attributes["history"] for shopper in shoppers] == ["new", "new"]


def test_shopper_is_triggered_once_the_variations_differ(skus: list[str]) -> None:
    run_experiment(OLD, NEW)
    shopper = make_shopper_in("control")
    show(shopper)
    assert not exposure_of(shopper).is_triggered

    look_at(shopper, skus[40])
    show(shopper)

    assert exposure_of(shopper).is_triggered


@pytest.mark.parametrize("shopper", [Shopper("b" * 32, "", is_bot=True), Shopper("c" * 32, "", has_consent=False)])
def test_bots_and_shoppers_without_consent_leave_no_exposure(skus: list[str], shopper: Shopper) -> None:
    run_experiment(OLD, NEW)

    plan = show(shopper)

    assert plan.key == "trending"
    assert not Exposure.objects.exists()


def test_exempt_shopper_leaves_no_exposure_and_counts_in_no_phase(skus: list[str]) -> None:
    run_experiment(OLD, NEW, coverage_bp=0)
    view = PageView(Shopper("d" * 32, ""))

    row.second_row(view, set(), k=K)

    assert not Exposure.objects.exists()
    assert (view.assignment.reason, view.analysed_phase_id) == ("exempt", None)


def test_forced_variation_is_shown_and_stands_apart(skus: list[str]) -> None:
    run_experiment(OLD, NEW)
    shopper = make_shopper_in("control")
    look_at(shopper, skus[40])
    view = PageView(shopper, forced={EXPERIMENT: "treatment"})

    plan = row.second_row(view, set(), k=K)

    assert (plan.key, view.analysed_phase_id) == ("recommended", None)
    assert exposure_of(shopper).is_forced


def test_campaign_against_campaign_shows_each_its_own(skus: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    serve_rotation(monkeypatch, "one", FakeRuntime(skus[:K]))
    serve_rotation(monkeypatch, "other", FakeRuntime(skus[K : 2 * K]))
    run_experiment({"rotation": "one"}, {"rotation": "other"})
    shoppers = {name: make_shopper_in(name) for name in ("control", "treatment")}
    for shopper in shoppers.values():
        look_at(shopper, skus[49])

    plans = {name: show(shopper) for name, shopper in shoppers.items()}

    assert plans["control"].served.item_ids == tuple(skus[:K])
    assert plans["treatment"].served.item_ids == tuple(skus[K : 2 * K])
    assert [plan.served.rotation for plan in plans.values()] == ["one", "other"]
    assert [exposure_of(shopper).is_triggered for shopper in shoppers.values()] == [True, True]


def test_campaigns_that_agree_trigger_nobody(skus: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for key in ("one", "other"):
        serve_rotation(monkeypatch, key, FakeRuntime(skus[:K]))
    run_experiment({"rotation": "one"}, {"rotation": "other"})
    shopper = make_shopper_in("treatment")
    look_at(shopper, skus[49])

    show(shopper)

    assert not exposure_of(shopper).is_triggered


def test_failing_campaign_leaves_the_other_variation_alone(skus: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    serve_rotation(monkeypatch, "one", FakeRuntime(skus[:K]))
    serve_rotation(monkeypatch, "other", FakeRuntime(error=BackendThrottled("slower")))
    run_experiment({"rotation": "one"}, {"rotation": "other"})
    for _ in range(8):
        shopper = make_shopper_in("treatment")
        look_at(shopper, skus[49])
        show(shopper)
    shopper = make_shopper_in("control")
    look_at(shopper, skus[49])

    plan = show(shopper)

    assert (plan.served.rung, plan.served.error) == ("personal", "")


def test_the_same_payload_twice_triggers_nobody(skus: list[str]) -> None:
    run_experiment(NEW, NEW, design=Design.AA)
    shopper = make_shopper_in("treatment")
    look_at(shopper, skus[40])

    plan = show(shopper)

    assert plan.key == "recommended"
    assert not exposure_of(shopper).is_triggered


def test_own_work_is_timed_and_the_comparison_is_not(skus: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    serve_rotation(monkeypatch, "one", FakeRuntime(skus[:K], takes_s=0.03))
    serve_rotation(monkeypatch, "other", FakeRuntime(skus[:K], takes_s=1.5))
    run_experiment({"rotation": "one"}, {"rotation": "other"})
    plans = []

    def time_one_more() -> float:
        shopper = make_shopper_in("control")
        look_at(shopper, skus[49])
        plans.append(show(shopper))
        return plans[-1].took_ms / 1_000

    took_s = quickest_s(time_one_more, enough_s=1)

    assert plans[0] == Plan("recommended", ANY, ANY, ANY, ANY, ANY, "")
    assert 0.03 <= took_s < 1
