"""An interleaved row: both campaigns in one list, the same all day, with each item's team."""

from datetime import timedelta

import pytest
from django.conf import settings

from experiments.models import Design, Exposure
from recommendations.exceptions import BackendThrottled
from storefront.page_view import PageView
from storefront.row_experiments import EXPERIMENT
from storefront.second_row.plans import Plan
from storefront.second_row.row import second_row
from tests.factories.second_row import look_at, make_shopper_in, run_experiment, serve_rotation, stock_shop
from tests.fakes.runtime import FakeRuntime

pytestmark = pytest.mark.django_db

K = 6


@pytest.fixture
def skus() -> list[str]:
    return stock_shop()


def run(monkeypatch: pytest.MonkeyPatch, one: FakeRuntime, other: FakeRuntime) -> None:
    serve_rotation(monkeypatch, "one", one)
    serve_rotation(monkeypatch, "other", other)
    run_experiment({"rotation": "one"}, {"rotation": "other"}, design=Design.INTERLEAVING)


def show(view: PageView) -> Plan:
    return second_row(view, set(), k=K)


@pytest.mark.parametrize("variation", ["control", "treatment"])
def test_both_campaigns_draft_the_row_of_every_variation(
    skus: list[str], monkeypatch: pytest.MonkeyPatch, variation: str
) -> None:
    lists = {"A": skus[:K], "B": skus[K : 2 * K]}
    run(monkeypatch, FakeRuntime(lists["A"]), FakeRuntime(lists["B"]))
    shopper = make_shopper_in(variation)
    look_at(shopper, skus[49])

    plan = show(PageView(shopper))

    assert sorted(plan.teams) == ["A"] * 3 + ["B"] * 3
    assert all(item in lists[team] for item, team in zip(plan.served.item_ids, plan.teams, strict=True))
    assert (plan.served.rung, plan.served.rotation) == ("personal", "one+other")
    assert Exposure.objects.get().is_triggered


def test_refresh_shows_the_same_list_and_another_day_may_not(skus: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    run(monkeypatch, FakeRuntime(skus[:K]), FakeRuntime(skus[K : 2 * K]))
    shopper = make_shopper_in("control")
    look_at(shopper, skus[49])

    again = {show(PageView(shopper)).served.item_ids for _ in range(4)}
    days = set()
    for day in range(12):
        moved = settings.CLOCK.now() + timedelta(days=day)
        monkeypatch.setattr(settings.CLOCK, "now", lambda moved=moved: moved)
        days.add(show(PageView(shopper)).served.item_ids)

    assert len(again) == 1
    assert len(days) > 1


def test_lists_that_agree_have_no_teams_and_trigger_nobody(skus: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    run(monkeypatch, FakeRuntime(skus[:K]), FakeRuntime(skus[:K]))
    shopper = make_shopper_in("control")
    look_at(shopper, skus[49])

    plan = show(PageView(shopper))

    assert plan.teams == "-" * K
    assert not Exposure.objects.get().is_triggered


def test_newcomer_gets_the_rule_and_no_teams(skus: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    run(monkeypatch, FakeRuntime(skus[:K]), FakeRuntime(skus[K : 2 * K]))

    plan = show(PageView(make_shopper_in("control")))

    assert (plan.key, plan.teams) == ("trending", "")
    assert not Exposure.objects.get().is_triggered


def test_forced_variation_shows_its_own_campaign(skus: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    run(monkeypatch, FakeRuntime(skus[:K]), FakeRuntime(skus[K : 2 * K]))
    shopper = make_shopper_in("control")
    look_at(shopper, skus[49])

    plan = show(PageView(shopper, forced={EXPERIMENT: "treatment"}))

    assert (plan.served.item_ids, plan.teams) == (tuple(skus[K : 2 * K]), "")


def test_error_and_rung_of_a_failing_campaign_are_the_rows(skus: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    run(monkeypatch, FakeRuntime(skus[30:36]), FakeRuntime(error=BackendThrottled("slower")))
    shopper = make_shopper_in("control")
    look_at(shopper, skus[49])

    plan = show(PageView(shopper))

    assert (plan.served.rung, plan.served.error) == ("popular", "backend_throttled")
    assert len(plan.served.item_ids) == K
