import pytest
from django.test import Client

from catalog.limits import MAX_PRICE_CENTS
from catalog.models import Product
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


def save(staff: Client, product: Product, **changes: object) -> str:
    """The page after its form was sent with these changes; empty once it is saved."""
    page = staff.get(f"/admin/catalog/product/{product.pk}/change/")
    rows = {"variants-TOTAL_FORMS": 0, "variants-INITIAL_FORMS": 0}
    given = {**page.context["adminform"].form.initial, "attributes": "{}", **rows, **changes}
    answer = staff.post(
        f"/admin/catalog/product/{product.pk}/change/", {k: "" if v is None else v for k, v in given.items()}
    )
    product.refresh_from_db()
    return answer.content.decode()


def test_admin_names_why_a_drops_product_has_no_house_price(staff: Client) -> None:
    product = make_announced().product

    told = save(staff, product, house_price_cents=20_000)

    assert "sells no more than its stock" in told
    assert product.house_price_cents is None


def test_admin_moves_no_drop_by_the_day_of_its_product(staff: Client) -> None:
    product = make_announced().product
    day = product.released_on

    told = save(staff, product, released_on="2026-01-01")

    assert "It comes out with its drop" in told
    assert product.released_on == day
    assert save(staff, product, name="Harbour Low Gold") == ""
    assert product.name == "Harbour Low Gold"


@pytest.mark.parametrize(
    ("field", "given", "told"),
    [
        ("attributes", '"red"', "Write names"),
        ("attributes", '["red"]', "Write names"),
        ("attributes", '{"colour": ["red"]}', "Write names"),
        ("house_price_cents", 0, "Give 1 to"),
        ("house_price_cents", MAX_PRICE_CENTS + 1, "Give 1 to"),
        ("released_on", "9999-12-31", "within the next two years"),
    ],
)
def test_admin_refuses_what_no_page_could_show(staff: Client, field: str, given: object, told: str) -> None:
    product = make_product()
    before = getattr(product, field)

    answer = save(staff, product, **{field: given})

    assert told in answer
    assert getattr(product, field) == before


@pytest.mark.parametrize(
    ("given", "kept"), [("null", {}), ('{"colour": "red", "hype": 0.5}', {"colour": "red", "hype": 0.5})]
)
def test_admin_keeps_attributes_that_are_named(staff: Client, given: str, kept: dict[str, object]) -> None:
    product = make_product()

    told = save(staff, product, attributes=given)

    assert told == ""
    assert product.attributes == kept


def test_admin_keeps_a_products_sku(staff: Client) -> None:
    product = make_product(sku="HB-1")

    save(staff, product, sku="HB-2", name="Renamed")

    assert (product.sku, product.name) == ("HB-1", "Renamed")
