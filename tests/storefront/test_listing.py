"""Lists narrowed and ordered by their addresses, as their pages show them."""

import re
from html import unescape

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.factories.catalog import (
    make_ask,
    make_brand,
    make_category,
    make_product,
    make_product_for_sale,
    make_variant,
)
from tests.storefront.views.test_lists import card_skus

pytestmark = pytest.mark.django_db


@pytest.fixture
def runners() -> None:
    rows = [("A", "Fernhill", "red", 9_000), ("B", "Fernhill", "blue", 4_900), ("C", "Tarn", "red", 30_000)]
    for day, (sku, brand, colour, price_cents) in enumerate(rows, start=1):
        product = make_product(
            sku=sku,
            name=f"Estuary {sku}",
            brand=make_brand(brand),
            category=make_category("runners"),
            attributes={"colour": colour},
            released_on=f"2026-03-{day:02}",
        )
        make_ask(make_variant(product, "US 9"), price_cents)
    unsold = make_product(sku="D", name="Estuary D", brand=make_brand("Tarn"), category=make_category("runners"))
    make_variant(unsold, "US 9")


def read(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def choices(page: str) -> dict[str, tuple[str, int, bool]]:
    """Each facet's value as the page has it: where it leads, how many products it promises, whether it is wanted."""
    found = re.findall(
        r'<a id="([\w.-]+)" class="facet-choice" href="([^"]+)" rel="nofollow"( aria-current="true")?>.*?'
        r'figures">(\d+)<',
        page,
    )
    return {name: (unescape(href), int(count), bool(wanted)) for name, href, wanted, count in found}


@pytest.mark.usefixtures("runners")
@pytest.mark.parametrize(
    ("query", "skus"),
    [
        ("", "CBAD"),
        ("?brand=fernhill", "BA"),
        ("?brand=fernhill&brand=tarn&colour=red", "CA"),
        ("?price=50-100", "A"),
        ("?price=0-1000000", "CBAD"),
        ("?size=US+9", "CBA"),
        ("?sort=price-up", "BACD"),
        ("?sort=price-down", "CABD"),
        ("?sort=price-down&colour=red", "CA"),
        ("?sort=%00&page=-7", "CBAD"),
        ("?brand=nobody", ""),
        ("?brand=%00", "CBAD"),
        ("?brand=" + "x" * 500, "CBAD"),
    ],
)
def test_category_shows_what_its_address_wants_in_the_order_it_wants(client: Client, query: str, skus: str) -> None:
    page = read(client, f"/c/runners/{query}")

    assert "".join(card_skus(page)) == skus


@pytest.mark.usefixtures("runners")
@pytest.mark.parametrize("address", ["/c/runners/?brand=fernhill&sort=price-up", "/search/?q=estuary&colour=red"])
def test_every_facet_leads_to_as_many_products_as_it_promises(client: Client, address: str) -> None:
    page = read(client, address)
    place = address.partition("?")[0]

    promised = {name: (href, count) for name, (href, count, is_wanted) in choices(page).items() if not is_wanted}

    assert promised
    for name, (href, count) in promised.items():
        facet = name.partition("-")[0]
        wanted_before = [one for one, (_, _, is_wanted) in choices(page).items() if is_wanted]
        if not any(one.startswith(f"{facet}-") for one in wanted_before):
            assert len(card_skus(read(client, f"{place}{href}"))) == count, name


@pytest.mark.usefixtures("runners")
def test_facets_add_to_the_address_and_are_taken_away_by_the_same_link(client: Client) -> None:
    page = read(client, "/c/runners/?brand=fernhill&sort=price-up&page=1")

    with_red, without = choices(page)["colour-red"][0], choices(page)["brand-fernhill"]

    assert with_red == "?brand=fernhill&colour=red&sort=price-up"
    assert without == ("?sort=price-up", 2, True)
    assert 'href="?sort=price-up" rel="nofollow">Clear all</a>' in page


@pytest.mark.usefixtures("runners")
def test_search_keeps_its_words_while_it_is_narrowed(client: Client) -> None:
    page = read(client, "/search/?q=estuary&brand=tarn")

    assert sorted(card_skus(page)) == ["C", "D"]
    assert all(href.startswith("?q=estuary") for href, _, _ in choices(page).values())


@pytest.mark.usefixtures("runners")
def test_list_of_which_nothing_is_left_says_so_and_leads_back(client: Client) -> None:
    page = read(client, "/search/?q=estuary&brand=nobody")

    assert "No product fits all of that" in page
    assert "Nothing matches" not in page
    assert choices(page)["brand-nobody"] == ("?q=estuary", 0, True)


def test_facets_that_would_change_nothing_are_left_out(client: Client) -> None:
    make_product_for_sale(category=make_category("caps"))
    make_product_for_sale(category=make_category("caps"))

    page = read(client, "/c/caps/")

    assert "data-narrowed" not in page
    assert choices(page) == {}


def test_pages_of_a_narrowed_list_keep_what_is_wanted(client: Client) -> None:
    for number in range(30):
        make_product_for_sale(category=make_category("caps"), brand=make_brand(("Tarn", "Fernhill")[number % 5 == 0]))

    page = read(client, "/c/caps/?brand=tarn&sort=price-up&page=1")

    assert "24 products, lowest price first" in page
    assert 'rel="next"' not in page
    assert 'rel="next" href="?brand=tarn&amp;brand=fernhill&amp;page=2"' in read(
        client, "/c/caps/?brand=tarn&brand=fernhill"
    )


@pytest.mark.usefixtures("runners")
def test_narrowed_category_costs_four_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.get("/c/runners/")

    with django_assert_num_queries(4):
        client.get("/c/runners/?brand=tarn&size=US+9&price=300-500&sort=price-down")
