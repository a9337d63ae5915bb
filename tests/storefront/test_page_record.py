"""Homepage views are recorded with status and time, also when the page fails; others and bots leave nothing."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from recommendations.events import buffer
from recommendations.events.schema import Exposed, PageServed, Record, ServedList
from storefront import rows
from tests.factories.second_row import run_experiment, stock_shop

pytestmark = pytest.mark.django_db

OLD, NEW = {"rule": "trending"}, {"slot": "home-recommended"}


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[Record]:
    taken: list[Record] = []

    def take(record: Record) -> bool:
        taken.append(record)
        return True

    monkeypatch.setattr(buffer._default, "add", take)
    return taken


def pages(recorded: list[Record]) -> list[PageServed]:
    return [record for record in recorded if isinstance(record, PageServed)]


def test_homepage_view_is_recorded_with_its_variation(client: Client, recorded: list[Record]) -> None:
    stock_shop()
    phase = run_experiment(OLD, NEW)
    client.get("/privacy/")

    client.get("/")

    (page,) = pages(recorded)
    (exposed,) = [record for record in recorded if isinstance(record, Exposed)]
    assert (page.page, page.status, page.phase_id) == ("home", 200, phase.pk)
    assert (page.shopper_key, page.variation) == (exposed.unit, exposed.variation)
    lists = [record for record in recorded if isinstance(record, ServedList)]
    assert {one.page_view_id for one in lists} == {page.page_view_id}
    assert [one.phase_id for one in lists] == [None, phase.pk, None]
    assert all(one.took_ms > 0 for one in lists)
    assert page.took_ms > max(one.took_ms for one in lists)


def test_first_view_is_recorded_in_no_phase(client: Client, recorded: list[Record]) -> None:
    stock_shop()
    run_experiment(OLD, NEW)

    client.get("/")

    assert [(page.status, page.phase_id, page.variation) for page in pages(recorded)] == [(200, None, "control")]
    assert {one.phase_id for one in recorded if isinstance(one, ServedList)} == {None}
    assert not [record for record in recorded if isinstance(record, Exposed)]


def test_api_leaves_a_view_for_each_answer_with_the_experiments_row(client: Client, recorded: list[Record]) -> None:
    stock_shop()
    phase = run_experiment(OLD, NEW)
    client.get("/privacy/")

    for query in ({}, {"slot": "home-recommended", "k": "3"}, {"slot": "home-new-releases"}, {"slot": "nowhere"}):
        client.get("/api/recommendations/", query)

    assert [(page.page, page.status, page.phase_id) for page in pages(recorded)] == [("api", 200, phase.pk)] * 2
    lists = {one.page_view_id for one in recorded if isinstance(one, ServedList) and one.phase_id == phase.pk}
    assert {page.page_view_id for page in pages(recorded)} == lists


def test_failed_view_is_recorded_with_the_variation_it_would_have_had(
    client: Client, recorded: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any, **_named: Any) -> None:
        raise RuntimeError("a fault")

    phase = run_experiment(OLD, NEW)
    client.raise_request_exception = False
    client.get("/privacy/")
    client.get("/")
    monkeypatch.setattr(rows, "plan_most_popular", fail)

    answer = client.get("/")

    assert answer.status_code == 500
    first, failed = pages(recorded)
    assert (failed.status, failed.phase_id, failed.variation) == (500, phase.pk, first.variation)
    assert failed.shopper_key == first.shopper_key


def test_slow_view_is_recorded_as_slow(client: Client, recorded: list[Record], monkeypatch: pytest.MonkeyPatch) -> None:
    make = rows.plan_new_releases

    def dawdle(*args: Any, **named: Any) -> Any:
        time.sleep(0.05)
        return make(*args, **named)

    monkeypatch.setattr(rows, "plan_new_releases", dawdle)

    client.get("/")

    assert pages(recorded)[0].took_ms >= 50


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.get("/", headers={"User-Agent": "Googlebot/2.1"}),
        lambda client: client.get("/", headers={"Sec-Purpose": "prefetch"}),
        lambda client: client.get("/", headers={"Sec-GPC": "1"}),
        lambda client: client.head("/"),
        lambda client: client.get("/search/"),
        lambda client: client.get("/no-such-page/"),
    ],
)
def test_what_is_no_shoppers_homepage_view_leaves_no_record(
    client: Client, recorded: list[Record], ask: Callable[[Client], HttpResponse]
) -> None:
    run_experiment(OLD, NEW)

    ask(client)

    assert pages(recorded) == []


def test_fault_of_the_record_costs_no_page(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_page: PageServed) -> bool:
        raise RuntimeError("a fault")

    monkeypatch.setattr(buffer, "record_page", fail)

    answer = client.get("/")

    assert answer.status_code == 200
    assert "page_not_recorded" in {getattr(record, "code", "") for record in caplog.records}
