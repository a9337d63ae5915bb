"""Bids, asks and orders by token: each command once a key, refusals told, what is another's not there."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from catalog.models import Ask, Bid, Order, Trade
from recommendations.events import buffer
from recommendations.models import OutboxInteraction
from storefront.access.limits import read_limits
from tests.factories.accounts import PASSWORD, make_user
from tests.factories.catalog import make_ask, make_bid, make_product_for_sale, make_variant
from tests.factories.orders import make_order
from tests.storefront.api.asking import Program

pytestmark = pytest.mark.django_db

STANDING = {"price_cents": 9_000, "expires_in_days": 7}


def test_bid_is_placed_shown_changed_and_cancelled() -> None:
    program, variant = Program(), make_variant()

    placed = program.post("/api/bids/", variant_id=variant.pk, **STANDING)
    address = f"/api/bids/{placed.json()['bid_id']}/"
    shown = program.get(address)
    changed = program.put(address, price_cents=9_500, expires_in_days=30)
    cancelled = program.delete(address)

    assert (placed.status_code, shown.status_code, changed.status_code, cancelled.status_code) == (201, 200, 200, 204)
    assert (shown.json()["price_cents"], shown.json()["status"], shown.json()["size"]) == (9_000, "open", variant.size)
    assert placed.json()["order_id"] is None
    bid = Bid.objects.get()
    assert (bid.price_cents, bid.status, bid.buyer) == (9_500, "cancelled", program.account)


def test_ask_that_meets_a_bid_is_a_sale_and_says_nothing_of_the_bid() -> None:
    program, buyer = Program(), make_user()
    bid = make_bid(buyer=buyer, price_cents=10_000)

    placed = program.post("/api/asks/", variant_id=bid.variant_id, **STANDING)

    assert placed.status_code == 201, placed.content
    assert (placed.json()["price_cents"], placed.json()["bid_id"]) == (10_000, None)
    sale = program.get(f"/api/sales/{placed.json()['order_id']}/").json()
    assert sale["price_cents"] == 10_000
    assert sale["payout_cents"] + sale["fee_cents"] == 10_000
    assert "total_cents" not in sale
    assert program.get("/api/orders/").json()["results"] == []


def test_buying_now_pays_the_ask_and_shows_the_order() -> None:
    program, variant = Program(), make_product_for_sale().variants.get()

    placed = program.post("/api/orders/", variant_id=variant.pk, seen_price_cents=12_000)

    assert (placed.status_code, placed.json()["ask_id"]) == (201, None)
    order = program.get(f"/api/orders/{placed.json()['order_id']}/").json()
    assert order["total_cents"] == order["price_cents"] + order["processing_cents"] + order["shipping_cents"]
    assert [step["status"] for step in order["steps"]][-1] == order["status"]
    assert program.get("/api/orders/").json()["results"][0]["order_id"] == order["order_id"]
    assert "payout_cents" not in order


def test_selling_now_takes_the_highest_bid() -> None:
    program, bid = Program(), make_bid(price_cents=8_000)

    placed = program.post("/api/sales/", variant_id=bid.variant_id, seen_price_cents=8_000)

    assert (placed.status_code, placed.json()["price_cents"]) == (201, 8_000)
    assert Trade.objects.get().seller == program.account


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/bids/", STANDING),
        ("/api/asks/", STANDING),
        ("/api/orders/", {"seen_price_cents": 12_000}),
        ("/api/sales/", {"seen_price_cents": 8_000}),
    ],
)
def test_same_key_has_the_same_outcome(path: str, body: dict[str, int]) -> None:
    program, variant = Program(), make_variant()
    if path == "/api/orders/":
        make_ask(variant, 12_000)
    if path == "/api/sales/":
        make_bid(variant, 8_000)
    key = uuid4()

    answers = [program.post(path, key, variant_id=variant.pk, **body) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.content for answer in answers}) == 1
    mine = Bid.objects.filter(buyer=program.account).count() + Ask.objects.filter(seller=program.account).count()
    assert mine + Order.objects.count() == 1


def test_same_key_with_other_content_is_refused() -> None:
    program, variant, key = Program(), make_variant(), uuid4()
    program.post("/api/bids/", key, variant_id=variant.pk, **STANDING)

    answer = program.post("/api/bids/", key, variant_id=variant.pk, **{**STANDING, "price_cents": 1})

    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_reused")


@pytest.mark.parametrize("key", ["", "again", "0"])
def test_command_without_a_usable_key_is_told(key: str) -> None:
    answer = Program().post("/api/bids/", key, variant_id=make_variant().pk, **STANDING)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["Idempotency-Key"])
    assert not Bid.objects.exists()


def test_moved_price_is_told_and_nothing_is_bought() -> None:
    program, variant = Program(), make_product_for_sale().variants.get()

    answer = program.post("/api/orders/", variant_id=variant.pk, seen_price_cents=11_999)

    fault = answer.json()
    assert (answer.status_code, fault["code"], fault["price_cents"]) == (409, "quote_moved", 12_000)
    assert not Trade.objects.exists()


def test_unknown_size_is_named() -> None:
    answer = Program().post("/api/bids/", variant_id=2**62, **STANDING)

    assert (answer.status_code, answer.json()["code"]) == (400, "order_rejected")
    assert "variant_id" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"price_cents": 0}, "price_cents"),
        ({"price_cents": 10**12}, "price_cents"),
        ({"price_cents": "nine"}, "price_cents"),
        ({"price_cents": "9000"}, "price_cents"),
        ({"price_cents": 90.5}, "price_cents"),
        ({"expires_in_days": "7"}, "expires_in_days"),
        ({"expires_in_days": 2}, "expires_in_days"),
        ({"variant_id": 2**63}, "variant_id"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_wrong_field_is_named(body: dict[str, Any], field: str) -> None:
    answer = Program().post("/api/bids/", **{"variant_id": make_variant().pk, **STANDING, **body})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


@pytest.mark.parametrize(
    ("body", "words"), [("[" * 5_000, "nested too deeply"), (f'"{"x" * 3_000_000}"', "too large"), ("{", "JSON")]
)
def test_body_that_cannot_be_read_is_told(body: str, words: str) -> None:
    program = Program()

    answer = Client().post(
        "/api/bids/",
        body,
        content_type="application/json",
        headers={**program.headers, "Idempotency-Key": str(uuid4())},
    )

    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
    assert words in answer.json()["detail"]


def test_buyer_and_seller_move_an_order_on() -> None:
    buyer, seller = Program(), Program()
    order = make_order("paid", buyer=buyer.account, seller=seller.account)

    early = buyer.post(f"/api/orders/{order.pk}/receive/")
    shipped = seller.post(f"/api/sales/{order.pk}/ship/", tracking="TRACK 1")
    received = buyer.post(f"/api/orders/{order.pk}/receive/")
    late = seller.post(f"/api/sales/{order.pk}/give-up/", reason="lost it")

    assert [answer.status_code for answer in (early, shipped, received, late)] == [409, 200, 200, 409]
    assert early.json()["code"] == late.json()["code"] == "illegal_transition"
    assert received.json()["status"] == "completed"
    assert any("TRACK 1" in step["reason"] for step in received.json()["steps"])


def test_seller_gives_up_and_the_order_is_cancelled() -> None:
    seller = Program()
    order = make_order("paid", seller=seller.account)

    answer = seller.post(f"/api/sales/{order.pk}/give-up/", reason="It burnt.")

    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")


def test_lists_are_filtered_by_status_and_paged() -> None:
    program = Program()
    bids = [make_bid(make_variant(), 9_000 + n, program.account) for n in range(3)]
    program.delete(f"/api/bids/{bids[0].pk}/")
    make_bid()

    first = program.get("/api/bids/", limit=2, status="open").json()
    all_mine = program.get("/api/bids/").json()["results"]

    assert [bid["bid_id"] for bid in first["results"]] == [bids[2].pk, bids[1].pk]
    assert first["next"] is None
    assert len(all_mine) == 3


def test_command_by_token_is_an_interaction_of_the_accounts_shopper() -> None:
    program = Program(make_user(shopper_key="k" * 32))

    program.post("/api/bids/", variant_id=make_variant().pk, **STANDING)
    Program().post("/api/bids/", variant_id=make_variant().pk, **STANDING)

    (row,) = OutboxInteraction.objects.all()
    assert "k" * 32 in str(vars(row))


def test_nothing_is_recorded_where_the_shop_must_ask_first(settings: Settings) -> None:
    settings.ASK_CONSENT = True
    program = Program(make_user(shopper_key="k" * 32))

    answer = program.post("/api/bids/", variant_id=make_variant().pk, **STANDING)

    assert answer.status_code == 201
    assert not OutboxInteraction.objects.exists()


def test_eager_account_waits(settings: Settings) -> None:
    settings.RATE_LIMITS = read_limits({"orders": 2})
    program, other, variant = Program(), Program(), make_variant()

    answers = [program.post("/api/bids/", variant_id=variant.pk, **STANDING) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[-1].json()["code"] == "throttled"
    assert 1 <= int(answers[-1]["Retry-After"]) <= 30
    assert other.post("/api/bids/", variant_id=variant.pk, **STANDING).status_code == 201
    assert program.get("/api/bids/").status_code == 200


def test_market_is_closed_and_reads_go_on_while_nobody_can_count(settings: Settings) -> None:
    settings.STATE_URL = "unix:///nowhere/at-all.sock"
    program, variant = Program(), make_variant()

    placed = program.post("/api/bids/", variant_id=variant.pk, **STANDING)

    assert (placed.status_code, placed.json()["code"], placed["Retry-After"]) == (503, "closed", "3")
    assert not Bid.objects.exists()
    assert program.get("/api/bids/").status_code == 200


@pytest.mark.parametrize(
    "path", ["/api/bids/", "/api/asks/", "/api/orders/", "/api/sales/", "/api/tokens/", "/api/watchlist/"]
)
def test_strangers_are_asked_who_they_are(path: str) -> None:
    nobody = Client().get(path)
    forged = Client().get(path, headers={"Authorization": "Bearer shop_" + "A" * 43})

    assert (nobody.status_code, nobody.json()["code"]) == (401, "not_authenticated")
    assert (forged.status_code, forged.json()["code"]) == (401, "token_not_valid")
    assert nobody["WWW-Authenticate"] == "Bearer"


def test_session_needs_the_csrf_token() -> None:
    client, variant = Client(enforce_csrf_checks=True), make_variant()
    client.force_login(make_user())
    body, headers = {"variant_id": variant.pk, **STANDING}, {"Idempotency-Key": str(uuid4())}

    forged = client.post("/api/bids/", body, content_type="application/json", headers=headers)
    client.get("/privacy/")
    headers["X-CSRFToken"] = client.cookies["csrftoken"].value
    own = client.post("/api/bids/", body, content_type="application/json", headers=headers)

    assert (forged.status_code, forged.json()["code"]) == (403, "permission_denied")
    assert own.status_code == 201


def test_token_is_got_by_password_and_revoked() -> None:
    ann = make_user("ann")
    asked = {"username": "ann", "password": PASSWORD, "name": "my bot"}

    issued = Client().post("/api/tokens/", asked, content_type="application/json")
    headers = {"Authorization": f"Bearer {issued.json()['token']}"}
    listed = Client().get("/api/tokens/", headers=headers).json()
    ended = Client().delete(f"/api/tokens/{listed[0]['token_id']}/", headers=headers)

    assert issued.status_code == 201
    assert [token["name"] for token in listed] == ["my bot"]
    assert "token" not in listed[0]
    assert ended.status_code == 204
    assert Client().get("/api/tokens/", headers=headers).status_code == 401
    assert not ann.api_tokens.exists()


def test_guessing_for_a_token_locks_the_name(settings: Settings) -> None:
    settings.RATE_LIMITS = read_limits({"sign_in": 1000})
    make_user("ann")

    def guess(password: str) -> Any:
        asked = {"username": "ann", "password": password, "name": "bot"}
        return Client().post("/api/tokens/", asked, content_type="application/json")

    wrong = [guess(f"wrong {n}") for n in range(5)]
    right = guess(PASSWORD)

    assert [answer.status_code for answer in wrong] == [401] * 4 + [429]
    assert (right.status_code, right.json()["code"], right["Retry-After"]) == (429, "throttled", "900")


def test_watchlist_is_filled_read_and_emptied() -> None:
    program, product = Program(), make_product_for_sale()
    make_product_for_sale()

    added = [program.put(f"/api/watchlist/{product.sku}/") for _ in range(2)]
    (watched,) = program.get("/api/watchlist/").json()["results"]
    removed = [program.delete(f"/api/watchlist/{product.sku}/") for _ in range(2)]

    assert [answer.status_code for answer in added] == [201, 200]
    assert (watched["product"]["sku"], watched["then_cents"], watched["drop_cents"]) == (product.sku, 12_000, 0)
    assert [answer.status_code for answer in removed] == [204, 204]
    assert program.get("/api/watchlist/").json()["results"] == []


@pytest.mark.parametrize(("ask_consent", "n_told"), [(False, 1), (True, 0)])
def test_watch_by_token_is_the_accounts_as_the_pages_is(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, ask_consent: bool, n_told: int
) -> None:
    recorded: list[Any] = []
    monkeypatch.setattr(buffer, "record", recorded.append)
    settings.ASK_CONSENT = ask_consent
    account, product = make_user(shopper_key="w" * 32), make_product_for_sale()
    program = Program(account)

    answers = [program.put(f"/api/watchlist/{product.sku}/").status_code for _ in range(2)]

    told = [(each.event_type, each.item_id, each.shopper_key) for each in recorded]
    assert answers == [201, 200]
    assert told == [("watch", product.sku, "w" * 32)] * n_told
