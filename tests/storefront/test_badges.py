from datetime import date
from typing import Any

import pytest
from django.test import Client

from catalog.models import Product
from storefront.badges import badge_of
from tests.factories.catalog import make_category, make_product_for_sale

TODAY = date(2026, 3, 20)


@pytest.mark.parametrize(
    ("fields", "price_cents", "badge"),
    [
        ({}, 10_000, ""),
        ({"released_on": date(2026, 3, 20)}, 10_000, "New"),
        ({"released_on": date(2026, 3, 6)}, 5_000, "New"),
        ({"released_on": date(2026, 3, 5)}, 10_000, ""),
        ({"released_on": date(2026, 3, 21)}, 10_000, ""),
        ({"attributes": {"drop": True}, "released_on": TODAY}, 10_000, "Limited"),
        ({}, 9_000, "10% below retail"),
        ({}, 9_001, ""),
        ({}, 6_650, "33% below retail"),
        ({}, 1, "99% below retail"),
        ({}, None, ""),
        ({"retail_price_cents": None}, 100, ""),
    ],
)
def test_badge_says_the_one_thing_that_matters_most(
    fields: dict[str, Any], price_cents: int | None, badge: str
) -> None:
    given = {"released_on": date(2025, 1, 1), "retail_price_cents": 10_000, "attributes": {}, **fields}
    product = Product(**given)

    assert badge_of(product, price_cents=price_cents, today=TODAY) == badge


@pytest.mark.django_db
def test_card_bears_the_badge_of_its_price(client: Client) -> None:
    make_product_for_sale(price_cents=6_000, category=make_category("caps"), retail_price_cents=10_000)

    page = client.get("/c/caps/").content.decode()

    assert '<span class="card-badge">40% below retail</span>' in page
