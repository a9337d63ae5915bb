import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from tests.factories.catalog import make_brand, make_category, make_product, make_product_for_sale

pytestmark = pytest.mark.django_db


def card_skus(page: str) -> list[str]:
    return re.findall(r'data-item-id="([^"]+)"', page)


def test_category_shows_its_listed_products_newest_first_a_page_at_a_time(client: Client) -> None:
    runners = make_category("runners")
    for day in range(1, 31):
        make_product_for_sale(sku=f"RUN-{day:02}", category=runners, released_on=f"2026-03-{day:02}")
    make_product(sku="GONE", category=runners, is_listed=False)
    make_product_for_sale(sku="CAP-1", category=make_category("caps"))

    first = card_skus(client.get("/c/runners/").content.decode())
    second = card_skus(client.get("/c/runners/?page=2").content.decode())

    assert first == [f"RUN-{day:02}" for day in range(30, 6, -1)]
    assert second == [f"RUN-{day:02}" for day in range(6, 0, -1)]


def test_category_costs_four_queries_whatever_it_holds(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        make_product_for_sale(category=make_category("caps"))
    client.get("/c/caps/")

    with django_assert_num_queries(4):
        answer = client.get("/c/caps/")

    assert len(card_skus(answer.content.decode())) == 5


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "9" * 40])
def test_category_takes_any_page_number(client: Client, page: str) -> None:
    make_product_for_sale(category=make_category("caps"))

    answer = client.get(f"/c/caps/?page={page}")

    assert answer.status_code == 200


def test_category_unknown_is_not_found_on_a_page_of_the_shop(client: Client) -> None:
    answer = client.get("/c/nowhere/")

    assert answer.status_code == 404
    assert "Nothing stands at this address" in answer.content.decode()


def test_search_marks_its_links_so_that_a_click_is_known(client: Client) -> None:
    make_product_for_sale(name="Estuary Runner", slug="estuary")

    page = client.get("/search/?q=estuary").content.decode()

    assert re.search(r'href="/p/estuary/\?s=[\w-]{32}"', page)


def test_search_leaves_no_mark_for_a_shopper_who_is_not_recorded(client: Client) -> None:
    make_product_for_sale(name="Estuary Runner", slug="estuary")

    page = client.get("/search/?q=estuary", headers={"Sec-GPC": "1"}).content.decode()

    assert 'href="/p/estuary/"' in page


def test_search_without_a_match_offers_categories_and_escapes_the_words(client: Client) -> None:
    make_product_for_sale(category=make_category("caps"))

    page = client.get("/search/", {"q": "<script>zebra"}).content.decode()

    assert "Nothing matches “&lt;script&gt;zebra”" in page
    assert "/c/caps/" in page


def test_search_costs_three_queries(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_product_for_sale(name="Estuary Runner")
    client.get("/search/?q=estuary")

    with django_assert_num_queries(3):
        answer = client.get("/search/?q=estuary")

    assert answer.status_code == 200


def test_search_without_a_match_says_what_may_have_been_meant(client: Client) -> None:
    make_product_for_sale(name="Estuary Runner")

    page = client.get("/search/?q=estuery+runer").content.decode()

    assert 'Did you mean <a class="meant" href="/search/?q=estuary%20runner">estuary runner</a>?' in page
    assert "“estuary runner” finds" in page
    assert page.count('<article class="card"') == 1


def test_suggestions_are_options_with_links_and_are_kept_by_nobody_else(client: Client) -> None:
    make_product_for_sale(name="Estuary <b>Runner</b>", slug="estuary", brand=make_brand("Estral"))

    answer = client.get("/search/suggest/?q=est")

    page = answer.content.decode()
    assert answer["Cache-Control"] == "private, max-age=60"
    assert "<html" not in page
    assert re.findall(r'role="option"[^>]*href="([^"]+)"', page) == [
        "/search/?q=Estral",
        "/p/estuary/",
        "/search/?q=est",
    ]
    assert "&lt;b&gt;Runner" in page


@pytest.mark.parametrize("words", ["", "e", "zzzz", "%00", "%22"])
def test_suggestions_are_empty_where_there_is_nothing_to_say(client: Client, words: str) -> None:
    make_product_for_sale(name="Estuary Runner")

    answer = client.get(f"/search/suggest/?q={words}")

    assert (answer.status_code, answer.content.strip()) == (200, b"")


def test_suggestions_cost_four_queries(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_product_for_sale(name="Estuary Runner")
    client.get("/search/suggest/?q=est")

    with django_assert_num_queries(4):
        client.get("/search/suggest/?q=est")


def test_frame_shows_the_consent_banner_only_while_unanswered(client: Client, settings: Settings) -> None:
    settings.ASK_CONSENT = True

    unanswered = client.get("/search/").content.decode()
    client.post("/privacy/choice/", {"choice": "no", "next": "/search/"})
    answered = client.get("/search/").content.decode()

    assert "Your privacy choice" in unanswered
    assert "Your privacy choice" not in answered
