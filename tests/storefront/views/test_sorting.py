"""Search and categories in the shopper's own order: by address, whole, noted, and told where it cannot be had."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from recommendations.events import buffer, cookie, tokens
from recommendations.events.schema import ServedList
from recommendations.exceptions import BackendThrottled
from recommendations.ports import Shopper
from recommendations.serving import ranking
from storefront import listing
from tests.factories.catalog import make_category, make_product_for_sale
from tests.factories.second_row import look_at, serve_rotation
from tests.fakes.runtime import FakeRuntime
from tests.storefront.views.test_lists import card_skus

pytestmark = pytest.mark.django_db

SKUS = [f"RUN-{day:02}" for day in range(30, 0, -1)]
Serve = Callable[..., FakeRuntime]


@pytest.fixture(autouse=True)
def stocked() -> None:
    for sku in SKUS:
        make_product_for_sale(
            sku=sku, name=f"Estuary {sku}", category=make_category("runners"), released_on=f"2026-03-{sku[-2:]}"
        )


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Serve:
    def with_runtime(*item_ids: str, error: Exception | None = None) -> FakeRuntime:
        runtime = FakeRuntime(item_ids, error=error)
        serve_rotation(monkeypatch, "ranking", runtime, recipe="aws-personalized-ranking", slot="list-ranking")
        return runtime

    return with_runtime


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[ServedList]:
    kept: list[ServedList] = []
    monkeypatch.setattr(buffer, "record_served", kept.append)
    return kept


def make_known(client: Client) -> Shopper:
    """Somebody who looked at a product before."""
    client.get("/privacy/")
    visit = cookie.read(client.cookies[cookie.NAME].value)
    assert visit is not None
    shopper = Shopper(visit.shopper_key, visit.session_id)
    look_at(shopper, SKUS[3])
    return shopper


def read(client: Client, address: str, **headers: str) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_category_follows_the_shopper_where_the_address_asks(
    client: Client, serve: Serve, served: list[ServedList]
) -> None:
    serve("RUN-02", "RUN-17")
    shopper = make_known(client)

    page = read(client, "/c/runners/?sort=for-you")

    assert card_skus(page) == ["RUN-02", "RUN-17", *[sku for sku in SKUS if sku not in {"RUN-02", "RUN-17"}][:22]]
    assert "30 products, in an order that follows you" in page
    (noted,) = served
    assert (noted.row, noted.rung, noted.rotation, noted.campaign_arn) == (
        "category",
        "personal",
        "ranking",
        "arn:ranking",
    )
    assert list(noted.item_ids) == card_skus(page)
    (token,) = re.findall(r'class="grid" data-token="([^"]+)"', page)
    assert tokens.read(token, shopper.shopper_key) == noted.recommendation_id
    assert f'data-page-view="{noted.page_view_id}"' in page
    assert re.findall(r'data-rank="(\d+)"', page) == [str(rank) for rank in range(1, 25)]


def test_category_keeps_its_own_order_by_itself(client: Client, serve: Serve, served: list[ServedList]) -> None:
    runtime = serve("RUN-02")
    make_known(client)

    page = read(client, "/c/runners/")

    assert card_skus(page) == SKUS[:24]
    assert (runtime.n_calls, served) == (0, [])
    assert re.findall(r'id="order-\d" href="\?" rel="nofollow" aria-current="true">(\w+)</a>', page) == ["Newest"]
    assert 'href="?sort=for-you" rel="nofollow">For you</a>' in page


def test_pages_of_an_order_hold_every_product_once_although_looks_come_in_between(client: Client, serve: Serve) -> None:
    runtime = serve("RUN-02", "RUN-17")
    make_known(client)

    first = read(client, "/c/runners/?sort=for-you")
    runtime.item_ids = ("RUN-09", "RUN-01")
    (following,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = read(client, f"/c/runners/{following.replace('&amp;', '&')}")

    assert following == "?sort=for-you&amp;page=2"
    assert sorted([*card_skus(first), *card_skus(second)]) == sorted(SKUS)
    assert card_skus(read(client, "/c/runners/?sort=for-you"))[0] == "RUN-09"


def test_products_behind_the_ranked_ones_are_reached_in_their_own_order(
    client: Client, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "MOST_RANKED", 10)
    monkeypatch.setattr(listing, "MOST_RANKED", 10)
    serve("RUN-21", "RUN-05")
    make_known(client)

    first = card_skus(read(client, "/c/runners/?sort=for-you"))
    second = card_skus(read(client, "/c/runners/?sort=for-you&page=2"))

    assert [*first, *second] == ["RUN-21", *SKUS[:9], *SKUS[10:]]


@pytest.mark.parametrize("address", ["/c/runners/?sort=for-you", "/search/?q=estuary&sort=for-you"])
def test_newcomer_is_told_what_the_order_needs(client: Client, serve: Serve, address: str) -> None:
    runtime = serve("RUN-02")

    page = read(client, address)

    assert "Look at a few products first." in page
    assert card_skus(page)[:24] == SKUS[:24]
    assert runtime.n_calls == 0


@pytest.mark.parametrize("address", ["/c/runners/?sort=for-you", "/search/?q=estuary&sort=for-you"])
def test_shopper_who_is_not_recorded_is_told_so(
    client: Client, serve: Serve, served: list[ServedList], address: str
) -> None:
    serve("RUN-02")

    page = read(client, address, **{"Sec-GPC": "1"})

    assert "Nothing is recorded of you," in page
    assert card_skus(page)[:24] == SKUS[:24]
    assert served == []
    assert "data-token" not in page


@pytest.mark.parametrize("error", [None, BackendThrottled("slower"), ValueError("a fault")])
@pytest.mark.parametrize("address", ["/c/runners/?sort=for-you", "/search/?q=estuary&sort=for-you"])
def test_order_out_of_reach_leaves_the_list_as_it_is_and_says_so(
    client: Client, serve: Serve, served: list[ServedList], address: str, error: Exception | None
) -> None:
    if error is not None:
        serve(error=error)
    make_known(client)

    page = read(client, address)

    assert "Your own order is out of reach for a moment." in page
    assert card_skus(page)[:24] == SKUS[:24]
    assert bool(served[0].error) == (error is not None)
    assert served[0].rung != "personal"


def test_search_follows_the_shopper_and_its_clicks_stay_clicks_on_a_search(
    client: Client, serve: Serve, served: list[ServedList]
) -> None:
    serve("RUN-02", "RUN-17")
    shopper = make_known(client)

    page = read(client, "/search/?q=estuary&sort=for-you")

    assert card_skus(page)[:3] == ["RUN-02", "RUN-17", "RUN-30"]
    (noted,) = served
    assert (noted.row, noted.rung, noted.rotation) == ("search", "personal", "ranking")
    token = re.findall(r"\?s=([\w-]{32})", page)[0]
    assert tokens.read_click("search_click", token, shopper.shopper_key, "RUN-02") == noted.recommendation_id


def test_search_keeps_its_words_in_the_orders_addresses(client: Client) -> None:
    page = read(client, "/search/?q=estuary+%26+co+OR+estuary&sort=nonsense")

    assert re.findall(r'id="order-\d" href="([^"]+)" rel="nofollow"', page) == [
        "?q=estuary+%26+co+OR+estuary",
        "?q=estuary+%26+co+OR+estuary&amp;sort=for-you",
        "?q=estuary+%26+co+OR+estuary&amp;sort=newest",
        "?q=estuary+%26+co+OR+estuary&amp;sort=price-up",
        "?q=estuary+%26+co+OR+estuary&amp;sort=price-down",
    ]


def test_order_costs_a_category_two_queries_more_at_most(
    client: Client, serve: Serve, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    serve("RUN-02")
    make_known(client)
    read(client, "/c/runners/?sort=for-you")

    with django_assert_max_num_queries(5):
        read(client, "/c/runners/?sort=for-you")


def test_order_costs_a_search_no_query(
    client: Client, serve: Serve, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    serve("RUN-02")
    make_known(client)
    read(client, "/search/?q=estuary&sort=for-you")

    with django_assert_num_queries(3):
        read(client, "/search/?q=estuary&sort=for-you")
