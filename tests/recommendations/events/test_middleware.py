"""Requests leave their facts behind once they went well; nothing of it ever costs the page."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from django.http import HttpResponse
from django.test import RequestFactory, override_settings

from recommendations import conf
from recommendations.events import buffer, cookie, ids, tokens
from recommendations.events.cookie import Consent, Visit
from recommendations.events.middleware import ShopperMiddleware, ShopperRequest
from recommendations.events.refusals import refusals
from recommendations.ports import Interaction
from tests.recommendations.events.conftest import Recorded

KEY = "a" * 32


def ask(
    path: str = "/p/harbour-low/",
    view: Callable[[ShopperRequest], HttpResponse] | None = None,
    *,
    method: str = "get",
    key: str = KEY,
    **headers: Any,
) -> HttpResponse:
    """One request of a known shopper, through the middleware alone."""

    def product_page(request: ShopperRequest) -> HttpResponse:
        request.events.viewed("TEST-0001")
        return HttpResponse("a page")

    request = getattr(RequestFactory(), method)(path, **headers)
    visit = Visit(key, "b" * 16, int(conf.now().timestamp()), Consent.UNASKED)
    request.COOKIES[cookie.NAME] = cookie.spell(visit)
    chosen = view or product_page
    return ShopperMiddleware(lambda asked: chosen(cast("ShopperRequest", asked)))(request)


def facts(recorded: Recorded) -> list[tuple[str, str]]:
    return [(record.event_type, record.item_id) for record in recorded() if isinstance(record, Interaction)]


def test_product_page_is_a_view(recorded: Recorded) -> None:
    ask()

    (view,) = recorded()
    assert isinstance(view, Interaction)
    assert (view.shopper_key, view.session_id, view.event_type, view.item_id) == (
        KEY,
        "b" * 16,
        "product_view",
        "TEST-0001",
    )


def test_token_makes_the_view_a_click_once(recorded: Recorded) -> None:
    list_id = ids.uuid7(conf.now())
    token = tokens.issue_click("row_click", list_id, KEY, "TEST-0001")

    for _ in range(3):
        ask(f"/p/harbour-low/?r={token}")

    records = [record for record in recorded() if isinstance(record, Interaction)]
    clicks = [record for record in records if record.event_type == "row_click"]
    assert len({record.event_id for record in records if record.event_type == "product_view"}) == 3
    assert len({click.event_id for click in clicks}) == 1
    assert {click.recommendation_id for click in clicks} == {list_id}
    assert ids.time_of(clicks[0].event_id) == ids.time_of(list_id)


def test_search_token_makes_the_view_a_search_click(recorded: Recorded) -> None:
    token = tokens.issue_click("search_click", ids.uuid7(conf.now()), KEY, "TEST-0001")

    ask(f"/p/harbour-low/?s={token}")

    assert facts(recorded) == [("product_view", "TEST-0001"), ("search_click", "TEST-0001")]


@pytest.mark.parametrize("token", ["someone else's", "x" * 32, "", "\x00", "é" * 32])
def test_token_of_another_shopper_is_a_view_only(recorded: Recorded, token: str) -> None:
    if token == "someone else's":
        token = tokens.issue_click("row_click", ids.uuid7(conf.now()), "c" * 32, "TEST-0001")

    response = ask(f"/p/harbour-low/?r={token}")

    assert response.status_code == 200
    assert facts(recorded) == [("product_view", "TEST-0001")]


@pytest.mark.parametrize(
    ("kind", "item_id", "parameter"),
    [
        ("row_click", "TEST-0001", "s"),
        ("search_click", "TEST-0001", "r"),
        ("row_click", "TEST-0002", "r"),
        ("search_click", "TEST-0002", "s"),
    ],
)
def test_token_of_another_kind_or_item_is_a_view_only(
    recorded: Recorded, kind: str, item_id: str, parameter: str
) -> None:
    token = tokens.issue_click(kind, ids.uuid7(conf.now()), KEY, item_id)
    before = refusals.counts().get("request.token_not_valid", 0)

    ask(f"/p/harbour-low/?{parameter}={token}")

    assert facts(recorded) == [("product_view", "TEST-0001")]
    assert refusals.counts()["request.token_not_valid"] == before + 1


def test_token_of_a_whole_list_is_no_click(recorded: Recorded) -> None:
    token = tokens.issue(ids.uuid7(conf.now()), KEY)

    ask(f"/p/harbour-low/?r={token}&s={token}")

    assert facts(recorded) == [("product_view", "TEST-0001")]


def test_failed_response_records_nothing(recorded: Recorded) -> None:
    def failing(request: ShopperRequest) -> HttpResponse:
        request.events.viewed("TEST-0001")
        return HttpResponse(status=500)

    ask(view=failing)

    assert recorded() == []


def test_head_request_records_nothing(recorded: Recorded) -> None:
    ask(method="head")

    assert recorded() == []


def test_view_records_what_it_did(recorded: Recorded) -> None:
    def bidding(request: ShopperRequest) -> HttpResponse:
        request.events.record("bid", "TEST-0001", value=120.0)
        return HttpResponse(status=302)

    ask(view=bidding, method="post")

    (bid,) = recorded()
    assert isinstance(bid, Interaction)
    assert (bid.event_type, bid.event_value) == ("bid", 120.0)


def test_unknown_event_type_is_counted_not_raised(recorded: Recorded) -> None:
    before = refusals.counts().get("request.unknown_event_type", 0)

    def odd(request: ShopperRequest) -> HttpResponse:
        request.events.record("stare", "TEST-0001")
        return HttpResponse("a page")

    assert ask(view=odd).status_code == 200
    assert recorded() == []
    assert refusals.counts()["request.unknown_event_type"] == before + 1


@pytest.mark.parametrize(
    "headers",
    [{"HTTP_SEC_GPC": "1"}, {"HTTP_SEC_PURPOSE": "prefetch"}, {"HTTP_USER_AGENT": "Googlebot/2.1"}],
)
def test_untracked_request_records_nothing(recorded: Recorded, headers: dict[str, Any]) -> None:
    ask(**headers)

    assert recorded() == []


def test_broken_buffer_never_costs_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Interaction) -> bool:
        raise RuntimeError("planted")

    monkeypatch.setattr(buffer, "record", broken)

    assert ask().content == b"a page"


def test_page_that_knows_its_shopper_is_private() -> None:
    def personal(request: ShopperRequest) -> HttpResponse:
        return HttpResponse(f"for {request.shopper.shopper_key}")

    response = ask(view=personal)

    assert response.content.decode() == f"for {KEY}"
    assert "Cookie" in response["Vary"]
    assert "private" in response["Cache-Control"]


def test_view_keeps_its_own_cache_policy() -> None:
    def personal(request: ShopperRequest) -> HttpResponse:
        _ = request.shopper.shopper_key
        return HttpResponse(headers={"Cache-Control": "private, no-store"})

    assert ask(view=personal)["Cache-Control"] == "private, no-store"


def test_machines_answer_stays_without_cookie() -> None:
    response = ShopperMiddleware(lambda _: HttpResponse("{}", content_type="application/json"))(
        RequestFactory().get("/healthz")
    )

    assert cookie.NAME not in response.cookies
    assert not response.has_header("Vary")


def test_first_page_sets_the_cookie() -> None:
    response = ShopperMiddleware(lambda _: HttpResponse("a page"))(RequestFactory().get("/"))

    assert cookie.read(response.cookies[cookie.NAME].value) is not None


@override_settings(ASK_CONSENT=True)
def test_first_page_sets_no_cookie_before_consent() -> None:
    response = ShopperMiddleware(lambda _: HttpResponse("a page"))(RequestFactory().get("/"))

    assert cookie.NAME not in response.cookies
