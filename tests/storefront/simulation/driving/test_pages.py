from uuid import UUID

import pytest
from django.test import Client

from storefront.simulation.driving import pages
from tests.factories.catalog import make_product_for_sale
from tests.storefront.simulation.driving.html import card, row


def test_read_home_finds_rows_tokens_and_cards_in_rank_order() -> None:
    html = f'<div data-page-view="abc"></div>{row("trending", "T1", "A", "B")}{row("recommended", "T2", "C")}'

    home = pages.read_home(html)

    assert home.page_view_id == "abc"
    assert [(one.key, one.token) for one in home.rows] == [("trending", "T1"), ("recommended", "T2")]
    assert [(one.item_id, one.href, one.rank) for one in home.rows[0].cards] == [
        ("A", "/p/a/?r=T1", 1),
        ("B", "/p/b/?r=T1", 2),
    ]


def test_read_home_finds_the_variation_that_a_row_shows() -> None:
    html = f"{row('most-popular', 'T1', 'A')}{row('trending', 'T2', 'B', variation='treatment')}"

    home = pages.read_home(html)

    assert [one.variation for one in home.rows] == ["", "treatment"]


def test_read_list_unescapes_the_addresses() -> None:
    html = card("A&amp;B", "a", "?s=T&amp;x=1")

    found = pages.read_list(html, "search")

    assert [(one.item_id, one.href) for one in found.row.cards] == [("A&B", "/p/a/?s=T&x=1")]


def test_a_page_without_a_product_is_no_product_page() -> None:
    assert pages.read_product("<h1>Gone</h1>", "/p/gone/") is None


@pytest.mark.django_db
def test_what_the_shop_writes_is_what_shoppers_read(client: Client, django_user_model: type) -> None:
    product = make_product_for_sale()
    client.force_login(django_user_model.objects.create_user("wanda"))  # type: ignore[attr-defined]

    home = pages.read_home(client.get("/").content.decode())
    shown = pages.read_product(client.get(f"/p/{product.slug}/").content.decode(), f"/p/{product.slug}/")
    size = product.variants.get().pk
    review = pages.read_review(client.get(f"/p/{product.slug}/review/?deed=buy&size={size}").content.decode())

    assert UUID(home.page_view_id).version == 7
    assert product.sku in {one.item_id for each in home.rows for one in each.cards}
    assert all(each.token for each in home.rows)
    assert shown is not None
    assert (shown.item_id, shown.is_signed_in) == (product.sku, True)
    assert shown.sizes == (str(size),)
    assert shown.csrf
    assert review is not None
    assert review.csrf
    assert review.choice == f"{size}:12000"
    assert UUID(review.idempotency_key).version == 4
