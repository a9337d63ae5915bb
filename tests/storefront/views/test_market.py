import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from catalog import conf
from catalog.fees import FeeTable
from catalog.models import Ask, Bid, Order, Product, Suspension, Trade
from recommendations.events.wire import decode_record
from recommendations.models import OutboxInteraction
from recommendations.ports import Interaction
from storefront.accounts.models import User
from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask, make_bid, make_product, make_product_for_sale, make_variant

pytestmark = pytest.mark.django_db

INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", re.IGNORECASE)
DEEDS = ("buy", "bid", "sell", "ask")


def order_of(product: Product, *, seen_price_cents: int = 12_000, **fields: Any) -> dict[str, str]:
    variant = product.variants.get()
    return {"choice": f"{variant.pk}:{seen_price_cents}", "idempotency_key": str(uuid4()), **fields}


def limit_of(product: Product, price: str = "100", **fields: Any) -> dict[str, str]:
    size = str(product.variants.get().pk)
    return {"size": size, "price": price, "days": "7", "idempotency_key": str(uuid4()), **fields}


def signed_in(user: User | None = None) -> Client:
    client = Client()
    client.force_login(user or make_user())
    return client


def fields_of(page: str) -> dict[str, str]:
    """What the review's form would send."""
    form = page[page.index('<form class="review"') :]
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
    chosen = re.findall(r'<input type="radio" name="(\w+)" value="([^"]*)" checked', form)
    return dict([*hidden, *chosen])


def recorded() -> list[tuple[str, str, float | None]]:
    rows = OutboxInteraction.objects.order_by("created_at", "event_id")
    deeds = [record for record in (decode_record(row.payload) for row in rows) if isinstance(record, Interaction)]
    return [(deed.event_type, deed.item_id, deed.event_value) for deed in deeds]


def review_of(client: Client, product: Product, deed: str, **fields: Any) -> str:
    query: dict[str, Any] = {"deed": deed, "size": product.variants.get().pk, **fields}
    return client.get(f"/p/{product.slug}/review/", query).content.decode()


@pytest.mark.parametrize("deed", DEEDS)
def test_desk_shows_both_ways_and_needs_nothing_inline(client: Client, deed: str) -> None:
    product = make_product_for_sale()
    make_bid(product.variants.get(), 10_000)

    page = client.get(f"/p/{product.slug}/{deed}/").content.decode()

    ways = ("Buy now", "Place a bid") if deed in {"buy", "bid"} else ("Sell now", "Place an ask")
    assert re.findall(r'<h2 id="(?:now|limit)">([^<]+)</h2>', page) == list(ways)
    assert "$120" in page
    assert INLINE.search(page) is None


def test_desk_without_a_counterpart_leaves_ones_own_price(client: Client) -> None:
    product = make_product()
    make_variant(product)

    pages = [client.get(f"/p/{product.slug}/{deed}/").content.decode() for deed in ("buy", "sell")]

    assert "Nobody else asks for this size" in pages[0]
    assert "Nobody else bids for this size" in pages[1]
    assert [re.findall(r'<h2 id="(?:now|limit)">([^<]+)</h2>', page) for page in pages] == [
        ["Place a bid"],
        ["Place an ask"],
    ]


@pytest.mark.parametrize("query", ["", "?size=0", "?size=x"])
def test_desk_without_a_size_leads_back_to_choosing_one(client: Client, query: str) -> None:
    product = make_product()
    make_variant(product, "9")
    make_variant(product, "10")

    answer = client.get(f"/p/{product.slug}/buy/{query}")

    assert answer["Location"] == f"/p/{product.slug}/#sizes"


def test_desk_of_a_drop_before_its_day_names_the_day(client: Client) -> None:
    product = make_product_for_sale(released_on=conf.now().date() + timedelta(days=3))

    page = client.get(f"/p/{product.slug}/buy/").content.decode()

    assert "Drops on" in page
    assert 'name="price"' not in page


@pytest.mark.parametrize(
    ("deed", "lines", "total"),
    [
        ("buy", ["$120", "$3.60", "$9.95"], "$133.55"),
        ("sell", ["$100", "−$10"], "$90"),
    ],
)
def test_review_breaks_the_price_down(deed: str, lines: list[str], total: str) -> None:
    product, client = make_product_for_sale(price_cents=12_000), signed_in()
    make_bid(product.variants.get(), 10_000)

    page = review_of(client, product, deed)

    shown = re.findall(r"<div><dt>[^<]+</dt><dd>([^<]+)</dd></div>", page[page.index("receipt-lines") :])
    assert shown == lines
    assert re.findall(r"<dd data-total>([^<]+)</dd>", page) == [total]


def test_review_of_a_bid_that_is_met_shows_what_it_will_cost() -> None:
    product, client = make_product_for_sale(price_cents=12_000), signed_in()

    page = review_of(client, product, "bid", price="150", days=7)

    assert "Somebody asks $120." in page
    assert re.findall(r"<dd data-total>([^<]+)</dd>", page) == ["$133.55"]
    assert fields_of(page)["price"] == "150"


def test_review_of_a_stranger_leads_through_signing_in_and_back(client: Client) -> None:
    product = make_product_for_sale()
    address = f"/p/{product.slug}/review/?deed=buy&size={product.variants.get().pk}"

    answer = client.get(address)

    assert answer["Location"].startswith("/accounts/sign-in/?next=")
    assert "deed%3Dbuy" in answer["Location"]


def test_review_of_a_price_that_is_none_shows_the_desk_and_says_so() -> None:
    product, client = make_product_for_sale(), signed_in()
    query: dict[str, Any] = {"deed": "bid", "size": product.variants.get().pk, "price": "cheap", "days": "7"}

    answer = client.get(f"/p/{product.slug}/review/", query)

    page = answer.content.decode()
    assert answer.status_code == 400
    assert re.search(r'role="alert">.*Write the price as a number', page)
    assert re.search(r'<input id="price"[^>]* aria-describedby="price-error" autofocus', page)
    assert 'value="cheap"' in answer.content.decode()


def test_review_of_what_is_gone_shows_what_is_left_to_do() -> None:
    product, client = make_product(), signed_in()
    make_variant(product)

    page = review_of(client, product, "buy")

    assert "Nobody else asks for this size" in page


@pytest.mark.parametrize("query", ["", "?deed=steal&size=1", "?deed=buy&size=0", "?deed=buy&size=99999999999999999999"])
def test_review_of_no_deed_leads_back_to_the_product(query: str) -> None:
    product, client = make_product_for_sale(), signed_in()

    answer = client.get(f"/p/{product.slug}/review/{query}")

    assert answer["Location"].startswith(f"/p/{product.slug}/")


def test_review_changes_nobody_elses_bid() -> None:
    product, client = make_product_for_sale(), signed_in()
    bid = make_bid(product.variants.get(), 9_000)
    query: dict[str, Any] = {
        "deed": "bid",
        "size": product.variants.get().pk,
        "price": "95",
        "days": "7",
        "changes": bid.pk,
    }

    answer = client.get(f"/p/{product.slug}/review/", query)

    assert answer.status_code == 404


def test_review_costs_five_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    product, client = make_product_for_sale(), signed_in()
    review_of(client, product, "buy")
    size = product.variants.get().pk

    # Session, account, the size with its product, best prices, means of payment.
    with django_assert_num_queries(5):
        answer = client.get(f"/p/{product.slug}/review/?deed=buy&size={size}")

    assert answer.status_code == 200


def test_refused_click_costs_eight_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    user, staff, product = make_user(), make_user(), make_product_for_sale(price_cents=12_000)
    client = signed_in(user)
    Suspension.objects.create(account=user, by=staff, reason="Test", began_at=conf.now())
    client.post(f"/p/{product.slug}/buy/", order_of(product))
    sent = order_of(product)

    # Session, account, the size with its product, a savepoint, the command, its release, best prices, means of payment.
    with django_assert_num_queries(8):
        answer = client.post(f"/p/{product.slug}/buy/", sent)

    assert answer.status_code == 403


def test_buy_makes_a_trade_a_receipt_and_an_interaction() -> None:
    product, client = make_product_for_sale(price_cents=12_000), signed_in()

    answer = client.post(f"/p/{product.slug}/buy/", order_of(product), follow=True)

    order = Order.objects.get()
    assert answer.redirect_chain == [(f"/orders/{order.pk}/?new=1", 302)]
    assert "It is yours" in answer.content.decode()
    assert (order.price_cents, order.status) == (12_000, "paid")
    assert recorded() == [("purchase", product.sku, 120.0)]


def test_buy_sent_twice_buys_once() -> None:
    product, client = make_product_for_sale(), signed_in()
    make_ask(product.variants.get(), 12_000)
    order = order_of(product)

    first, second = (client.post(f"/p/{product.slug}/buy/", order) for _ in range(2))

    assert first["Location"] == second["Location"]
    assert (Trade.objects.count(), OutboxInteraction.objects.count()) == (1, 1)


def test_buy_by_a_shopper_without_consent_leaves_a_trade_and_no_interaction() -> None:
    product, client = make_product_for_sale(), signed_in()

    client.post(f"/p/{product.slug}/buy/", order_of(product), headers={"Sec-GPC": "1"})

    assert (Trade.objects.count(), OutboxInteraction.objects.count()) == (1, 0)


def test_buy_at_a_moved_price_charges_nothing_and_shows_the_new_one() -> None:
    product, client = make_product_for_sale(price_cents=15_000), signed_in()

    answer = client.post(f"/p/{product.slug}/buy/", order_of(product, seen_price_cents=12_000))

    assert answer.status_code == 409
    page = answer.content.decode()
    assert "The price moved from $120 to $150" in page
    assert fields_of(page)["choice"] == f"{product.variants.get().pk}:15000"
    assert not Trade.objects.exists()


def test_buy_at_the_price_of_the_second_look_goes_through() -> None:
    product, client = make_product_for_sale(price_cents=15_000), signed_in()
    refused = client.post(f"/p/{product.slug}/buy/", order_of(product, seen_price_cents=12_000))

    answer = client.post(f"/p/{product.slug}/buy/", fields_of(refused.content.decode()))

    assert answer["Location"] == f"/orders/{Order.objects.get().pk}/?new=1"


@pytest.mark.parametrize(("deed", "limit"), [("buy", {}), ("bid", {"price": "150", "days": 3})])
def test_click_after_the_fees_changed_charges_nothing_and_shows_the_new_ones(
    deed: str, limit: dict[str, Any], settings: Settings
) -> None:
    product, client = make_product_for_sale(price_cents=12_000), signed_in()
    seen = fields_of(review_of(client, product, deed, **limit))
    settings.FEES = FeeTable(shipping_cents=1_495)

    refused = client.post(f"/p/{product.slug}/{deed}/", seen)

    page = refused.content.decode()
    assert (refused.status_code, Trade.objects.count()) == (409, 0)
    assert "Our fees have changed since" in page
    assert "$138.55" in page
    client.post(f"/p/{product.slug}/{deed}/", fields_of(page))
    assert Order.objects.get().total_cents == 12_000 + 360 + 1_495


def test_click_sent_again_after_the_fees_changed_finds_its_order(settings: Settings) -> None:
    product, client = make_product_for_sale(), signed_in()
    seen = fields_of(review_of(client, product, "buy"))
    first = client.post(f"/p/{product.slug}/buy/", seen)
    settings.FEES = FeeTable(shipping_cents=1_495)

    again = client.post(f"/p/{product.slug}/buy/", seen)

    assert again["Location"] == first["Location"]
    assert Trade.objects.count() == 1


def test_buy_of_a_drop_before_its_day_charges_nothing_and_says_why() -> None:
    product, client = make_product_for_sale(released_on=conf.now().date() + timedelta(days=1)), signed_in()

    answer = client.post(f"/p/{product.slug}/buy/", order_of(product))

    assert answer.status_code == 409
    assert "It is not out yet" in answer.content.decode()
    assert not Trade.objects.exists()


def test_buy_of_an_ask_that_ran_out_shows_the_page_without_it() -> None:
    product, client = make_product_for_sale(price_cents=12_000), signed_in()
    Ask.objects.update(expires_at=conf.now())

    answer = client.post(f"/p/{product.slug}/buy/", order_of(product))

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "nobody asks for this size any more" in page
    assert "Nobody else asks for this size" in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"choice": ""}, "Choose a size first"),
        ({"choice": "9"}, "Choose a size again"),
        ({"choice": "0:12000"}, "does not come in that size"),
        ({"choice": "999999999999999999:1"}, "does not come in that size"),
        ({"idempotency_key": "x"}, "out of date"),
    ],
)
def test_buy_with_a_wrong_form_explains_itself(fields: dict[str, Any], words: str) -> None:
    product, client = make_product_for_sale(), signed_in()

    answer = client.post(f"/p/{product.slug}/buy/", order_of(product, **fields))

    assert answer.status_code == 400
    assert words in answer.content.decode()


def test_buy_of_a_size_of_another_product_is_refused() -> None:
    product, other, client = make_product_for_sale(), make_product_for_sale(), signed_in()

    answer = client.post(f"/p/{product.slug}/buy/", order_of(other))

    assert answer.status_code == 400
    assert not Trade.objects.exists()


def test_review_sends_what_the_deed_takes() -> None:
    product, seller = make_product_for_sale(price_cents=12_000), make_user()
    make_bid(product.variants.get(), 10_000)
    client = signed_in(seller)

    answers = {
        deed: client.post(f"/p/{product.slug}/{deed}/", fields_of(review_of(client, product, deed, **fields)))
        for deed, fields in (
            ("buy", {}),
            ("sell", {}),
            ("bid", {"price": "80", "days": 3}),
            ("ask", {"price": "200", "days": 30}),
        )
    }

    bought, sold = Order.objects.order_by("pk")
    bid, ask = Bid.objects.get(buyer=seller), Ask.objects.get(seller=seller, status="open")
    assert {deed: answer["Location"] for deed, answer in answers.items()} == {
        "buy": f"/orders/{bought.pk}/?new=1",
        "sell": f"/sales/{sold.pk}/?new=1",
        "bid": f"/my/bids/?new={bid.pk}",
        "ask": f"/my/asks/?new={ask.pk}",
    }
    assert (bid.price_cents, bid.expires_at - bid.placed_at) == (8_000, timedelta(days=3))
    assert (ask.price_cents, ask.expires_at and ask.expires_at - ask.placed_at) == (20_000, timedelta(days=30))
    assert [deed for deed, _, _ in recorded()] == ["purchase", "ask", "bid", "ask"]


def test_bid_that_is_met_is_a_purchase_at_the_asks_price() -> None:
    product, client = make_product_for_sale(price_cents=12_000), signed_in()

    answer = client.post(f"/p/{product.slug}/bid/", limit_of(product, "150"))

    order = Order.objects.get()
    assert answer["Location"] == f"/orders/{order.pk}/?new=1"
    assert order.price_cents == 12_000
    assert recorded() == [("purchase", product.sku, 120.0)]


@pytest.mark.parametrize("deed", ["bid", "ask"])
def test_limit_sent_twice_stands_once(deed: str) -> None:
    product, client = make_product(), signed_in()
    make_variant(product)
    order = limit_of(product)

    first, second = (client.post(f"/p/{product.slug}/{deed}/", order) for _ in range(2))

    assert first["Location"] == second["Location"]
    assert Bid.objects.count() + Ask.objects.count() == 1
    assert recorded() == [(deed, product.sku, 100.0)]


def test_limit_that_would_meet_only_ones_own_is_refused_and_may_be_changed() -> None:
    user = make_user()
    product, client = make_product(), signed_in(user)
    make_ask(make_variant(product), 12_000, seller=user)

    answer = client.post(f"/p/{product.slug}/bid/", limit_of(product, "130"))

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "nobody&#x27;s but your own" in page
    assert fields_of(page)["price"] == "130"
    assert not Bid.objects.exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"price": "x"}, "Write the price as a number"),
        ({"days": "2"}, "Choose one of the days shown"),
        ({"size": "0"}, "does not come in that size"),
        ({"idempotency_key": ""}, "out of date"),
    ],
)
def test_limit_with_a_wrong_form_explains_itself(fields: dict[str, Any], words: str) -> None:
    product, client = make_product_for_sale(), signed_in()

    answer = client.post(f"/p/{product.slug}/bid/", limit_of(product, **fields))

    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert not Bid.objects.exists()


def test_suspended_account_is_told_that_it_may_not_trade() -> None:
    user, staff = make_user(), make_user()
    product, client = make_product_for_sale(), signed_in(user)
    Suspension.objects.create(account=user, by=staff, reason="Test", began_at=conf.now())

    answer = client.post(f"/p/{product.slug}/buy/", order_of(product))

    assert answer.status_code == 403
    assert "may not trade at present" in answer.content.decode()
    assert not Trade.objects.exists()


@pytest.mark.parametrize("method", ["test-declined", "test-capture-declined"])
def test_declined_payment_ends_the_order_says_so_and_leads_back(method: str) -> None:
    product, client = make_product_for_sale(), signed_in()
    sent = {**fields_of(review_of(client, product, "buy")), "method": method}

    page = client.post(f"/p/{product.slug}/buy/", sent, follow=True).content.decode()

    assert Order.objects.get().status == "cancelled"
    assert re.search(r'role="alert">.*Your payment did not go through', page)
    assert f'href="/p/{product.slug}/buy/?size={product.variants.get().pk}">Buy it again' in page
    assert re.search(r'<dt>Charged</dt><dd class="order-price">\$0</dd>', page)
    assert "goes back to you" not in page
    assert "It is yours" not in page


def test_purchase_is_not_called_the_buyers_before_it_is_paid() -> None:
    product, client = make_product_for_sale(), signed_in()
    sent = {**fields_of(review_of(client, product, "buy")), "method": "test-silent"}

    page = client.post(f"/p/{product.slug}/buy/", sent, follow=True).content.decode()

    assert Order.objects.get().status == "matched"
    assert "Your order is in" in page
    assert "It is yours</strong>" not in page


def test_means_of_payment_that_there_is_not_charges_nothing() -> None:
    product, client = make_product_for_sale(), signed_in()

    answer = client.post(f"/p/{product.slug}/buy/", order_of(product, method="stolen"))

    assert answer.status_code == 400
    assert not Trade.objects.exists()


@pytest.mark.parametrize("deed", DEEDS)
def test_deed_of_a_stranger_leads_to_signing_in(client: Client, deed: str) -> None:
    product = make_product_for_sale()

    answer = client.post(f"/p/{product.slug}/{deed}/", {**order_of(product), **limit_of(product)})

    assert answer["Location"] == f"/accounts/sign-in/?next=/p/{product.slug}/"
    assert Trade.objects.count() + Bid.objects.count() == 0


@pytest.mark.parametrize("deed", DEEDS)
def test_deed_wants_a_token_against_forgery(deed: str) -> None:
    product, client = make_product_for_sale(), Client(enforce_csrf_checks=True)
    client.force_login(make_user())

    answer = client.post(f"/p/{product.slug}/{deed}/", {**order_of(product), **limit_of(product)})

    assert answer.status_code == 403
    assert Trade.objects.count() + Bid.objects.count() == 0
