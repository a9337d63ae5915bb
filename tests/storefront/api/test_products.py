"""The catalogue for programs: pages that miss and repeat nothing, quotes and books as the pages show them."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask, make_bid, make_category, make_product, make_product_for_sale, make_variant
from tests.factories.drops import make_announced
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db

ADDRESS = "/api/products/"


def ask(path: str = ADDRESS, **query: Any) -> Any:
    answer = Client().get(path, query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def walk(limit: int, **query: Any) -> list[str]:
    """The SKUs of all pages, by following `next`."""
    page, skus = ask(limit=limit, **query), []
    while True:
        skus += [product["sku"] for product in page["results"]]
        if page["next"] is None:
            return skus
        answer = Client().get(page["next"])
        assert answer.status_code == 200, answer.content
        page = answer.json()


@pytest.mark.parametrize("limit", [1, 3, 7, 100])
def test_pages_hold_every_product_once_newest_first(limit: int) -> None:
    made = [make_product(released_on=date(2026, 1, 1 + n % 3)) for n in range(10)]

    skus = walk(limit)

    expected = sorted(made, key=lambda product: (-product.released_on.toordinal(), product.sku))
    assert skus == [product.sku for product in expected]


def test_product_that_comes_in_between_shifts_no_page() -> None:
    old = [make_product(released_on=date(2026, 1, 1 + n)) for n in range(4)]
    first = ask(limit=2)

    make_product(released_on=date(2026, 2, 1))
    second = Client().get(first["next"]).json()

    shown = [product["sku"] for page in (first, second) for product in page["results"]]
    assert shown == [product.sku for product in reversed(old)]


def test_products_are_filtered_and_the_next_page_too() -> None:
    shoes, caps = make_category("shoes"), make_category("caps")
    wanted = [make_product(category=caps).sku for _ in range(3)]
    make_product(category=shoes)

    assert walk(2, category="caps") == sorted(wanted)
    assert walk(2, category="hats") == []


def test_words_find_the_best_match() -> None:
    make_product(name="Harbour Low")
    wanted = make_product(name="Meridian Wave")

    page = ask(q="meridian")

    assert [product["sku"] for product in page["results"]] == [wanted.sku]
    assert page["next"] is None


def test_drops_and_delisted_products_are_not_listed() -> None:
    later = settings.CLOCK.now().date() + timedelta(days=2)
    drop, gone = make_product(released_on=later), make_product(is_listed=False)

    assert walk(10) == []
    assert ask(f"{ADDRESS}{drop.sku}/")["released_on"] == later.isoformat()
    assert Client().get(f"{ADDRESS}{gone.sku}/").status_code == 404


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"cursor": "made-up"}, "cursor"),
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"category": "no slug!"}, "category"),
        ({"q": "low", "brand": "northwold"}, "brand"),
        ({"q": "lo\x00w"}, "q"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_wrong_parameter_is_named(query: dict[str, str], field: str) -> None:
    answer = Client().get(ADDRESS, query)

    assert (answer.status_code, answer.json()["code"], list(answer.json()["errors"])) == (400, "invalid_input", [field])


def test_cursor_of_another_list_is_refused() -> None:
    for _ in range(2):
        make_product()
    cursor = ask(limit=1)["next"].split("cursor=")[1].split("&")[0]

    answer = Client().get("/api/bids/", {"cursor": cursor}, headers=_token())

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["cursor"])


def _token() -> dict[str, str]:
    from tests.storefront.api.asking import Program

    return Program().headers


@pytest.mark.parametrize("sku", ["NONE-1", "a\x00b", "\ud7ff", "x" * 500, "%", "a b"])
def test_unknown_sku_is_not_found(sku: str) -> None:
    answer = Client().get(f"{ADDRESS}{sku}/")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_product_whose_sku_has_a_slash_is_found() -> None:
    product = make_product_for_sale(sku="AB/12")

    told = ask("/api/products/AB/12/")
    quotes = ask("/api/products/AB%2F12/quotes/")

    assert (told["sku"], told["quotes"]) == ("AB/12", quotes)
    assert quotes[0]["variant_id"] == product.variants.get().pk


def test_product_tells_its_sizes_and_quotes() -> None:
    product = make_product(house_price_cents=30_000)
    nine, ten = make_variant(product, "9", position=1), make_variant(product, "10", position=2)
    make_ask(nine, 12_000, make_user())
    make_bid(nine, 9_000)

    told = ask(f"{ADDRESS}{product.sku}/")

    by_size = {quote["size"]: quote for quote in told["quotes"]}
    assert list(by_size) == ["9", "10"]
    assert (by_size["9"]["lowest_ask_cents"], by_size["9"]["highest_bid_cents"]) == (12_000, 9_000)
    assert (by_size["9"]["price_cents"], by_size["10"]["price_cents"]) == (12_000, 30_000)
    assert by_size["10"]["variant_id"] == ten.pk
    assert told["lowest_ask_cents"] == 12_000
    assert ask(f"{ADDRESS}{product.sku}/quotes/") == told["quotes"]
    assert Client().get(told["url"]).status_code == 200


def test_announced_drop_tells_when_it_opens_and_how_many_one_may_buy() -> None:
    drop, plain = make_announced(limit_per_account=2), make_product()

    told, without = ask(f"{ADDRESS}{drop.product.sku}/"), ask(f"{ADDRESS}{plain.sku}/")

    assert datetime.fromisoformat(told["opens_at"]) == drop.opens_at
    assert told["limit_per_account"] == 2
    assert (without["opens_at"], without["limit_per_account"]) == (None, None)
    assert ask(f"{ADDRESS}{drop.product.sku}/book/")["asks"] == []


def test_book_shows_levels_and_nobodys_name() -> None:
    product = make_product()
    nine, ten = make_variant(product, "9"), make_variant(product, "10")
    ann = make_user("ann-the-seller")
    make_ask(nine, 12_000, ann)
    make_ask(nine, 12_000, make_user())
    make_ask(ten, 11_000, ann)
    make_bid(nine, 9_000)

    whole, one = ask(f"{ADDRESS}{product.sku}/book/"), ask(f"{ADDRESS}{product.sku}/book/", variant_id=nine.pk, k=1)

    assert whole["asks"] == [
        {"variant_id": ten.pk, "price_cents": 11_000, "n_pieces": 1},
        {"variant_id": nine.pk, "price_cents": 12_000, "n_pieces": 2},
    ]
    assert one["asks"] == whole["asks"][1:]
    assert one["bids"] == [{"variant_id": nine.pk, "price_cents": 9_000, "n_pieces": 1}]


def test_sales_and_history_tell_prices() -> None:
    variant = make_variant()
    for price_cents in (10_000, 13_000, 11_000):
        make_order(variant=variant, price_cents=price_cents)

    sales = ask(f"{ADDRESS}{variant.product.sku}/sales/", k=2)
    days = ask(f"{ADDRESS}{variant.product.sku}/history/")

    assert [sale["price_cents"] for sale in sales] == [11_000, 13_000]
    (day,) = days
    assert (day["low_cents"], day["median_cents"], day["high_cents"], day["n_sales"]) == (10_000, 11_000, 13_000, 3)
    assert ask(f"{ADDRESS}{variant.product.sku}/history/", since="2999-01-01") == []


@pytest.mark.parametrize("what", ["book", "sales", "history"])
def test_size_of_another_product_is_refused(what: str) -> None:
    product, other = make_product_for_sale(), make_product_for_sale()

    answer = Client().get(f"{ADDRESS}{product.sku}/{what}/", {"variant_id": other.variants.get().pk})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["variant_id"])


def test_page_of_products_asks_little(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(5):
        make_product_for_sale()
    ask()

    with django_assert_max_num_queries(2):
        ask(limit=5)


@pytest.mark.parametrize(
    "path", ["nothing", "bids/x/", "bids/1", "orders/%0A/receive/", "products", "%00/", "schema/x/"]
)
@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "options"])
def test_nothing_but_json_is_under_the_apis_addresses(path: str, method: str) -> None:
    answer = getattr(Client(), method)(f"/api/{path}")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
