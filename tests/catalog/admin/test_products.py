import pytest
from django.test import Client

from tests.factories.catalog import make_ask, make_bid, make_product, make_variant
from tests.factories.drops import make_announced
from tests.factories.orders import make_order

MODELS = ["product", "brand", "category", "drop", "bid", "ask", "trade", "order", "payment", "payout", "suspension"]


@pytest.mark.parametrize("model", MODELS)
def test_admin_lists_and_searches_every_model(staff: Client, model: str) -> None:
    variant = make_variant(make_product(name="Harbour Low"))
    make_order("completed", variant=variant)
    make_ask(variant)
    make_bid(variant)

    statuses = [staff.get(f"/admin/catalog/{model}/{query}").status_code for query in ("", "?q=harbour", "?q=7")]

    assert statuses == [200, 200, 200]


@pytest.mark.parametrize("model", ["bid", "ask", "trade", "order", "payment", "payout"])
def test_admin_only_shows_what_services_write(staff: Client, model: str) -> None:
    order = make_order("completed")
    make_bid(order.trade.variant)
    row = {
        "bid": order.trade.variant.bids.get(),
        "ask": order.trade.ask,
        "trade": order.trade,
        "order": order,
        "payment": order.payments.first(),
        "payout": order.payouts.first(),
    }[model]
    assert row is not None

    shown = staff.get(f"/admin/catalog/{model}/{row.pk}/change/")
    refused = [
        staff.post(f"/admin/catalog/{model}/{row.pk}/{action}/", {"price_cents": 1, "post": "yes"}).status_code
        for action in ("delete", "change")
    ]
    added = staff.get(f"/admin/catalog/{model}/add/").status_code

    before = row.__dict__["price_cents"] if model in {"bid", "ask", "trade", "order"} else None
    row.refresh_from_db()
    assert shown.status_code == 200
    assert [*refused, added] == [403, 403, 403]
    assert before is None or row.__dict__["price_cents"] == before


def test_admin_edits_products_with_their_sizes(staff: Client) -> None:
    product = make_variant().product

    page = staff.get(f"/admin/catalog/product/{product.pk}/change/").content.decode()

    assert 'name="variants-0-size"' in page


def test_admin_names_why_a_drops_product_has_no_house_price(staff: Client) -> None:
    product = make_announced().product
    page = staff.get(f"/admin/catalog/product/{product.pk}/change/")
    given = {**page.context["adminform"].form.initial, "house_price_cents": 20_000, "attributes": "{}"}
    rows = {"variants-TOTAL_FORMS": 0, "variants-INITIAL_FORMS": 0}

    answer = staff.post(
        f"/admin/catalog/product/{product.pk}/change/",
        {k: "" if v is None else v for k, v in {**given, **rows}.items()},
    )

    product.refresh_from_db()
    assert "sells no more than its stock" in answer.content.decode()
    assert product.house_price_cents is None
