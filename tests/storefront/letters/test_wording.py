"""What a letter says: the same in plain text and HTML, with the party's own amounts and a way out."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from pytest_django import Settings

from catalog.orders import services as life
from catalog.orders.states import OrderStatus
from catalog.payments.paying import pay
from catalog.services import sell_now
from storefront.letters.sending import send_letters
from storefront.letters.wording import FOR_BUYER, FOR_SELLER
from storefront.letters.writing import TOLD, write_letters
from storefront.order_life import NOT_CHARGED, NOT_PAID
from tests.factories.accounts import make_user
from tests.factories.catalog import make_bid, make_product, make_variant
from tests.factories.letters import make_reader
from tests.factories.orders import make_order

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def begun(settings: Settings) -> None:
    settings.SHOP_ORIGIN = "https://shop.example"
    write_letters()


def letters() -> dict[str, EmailMultiAlternatives]:
    """What left, by the name of its reader."""
    write_letters()
    send_letters()
    return {message.to[0].partition("@")[0]: message for message in mail.outbox}  # type: ignore[misc]


def html_of(message: Any) -> str:
    ((html, kind),) = message.alternatives
    assert kind == "text/html"
    return str(html)


def test_every_step_that_is_told_has_its_words() -> None:
    told = {(status, party) for status, parties in TOLD.items() for party in parties}

    assert told == {(status, "buyer") for status in FOR_BUYER} | {(status, "seller") for status in FOR_SELLER}


def test_letter_names_the_piece_the_amounts_and_the_way_to_the_order() -> None:
    variant = make_variant(make_product(name="Low <& High>"), "10.5")
    order = make_order(OrderStatus.PAID, buyer=make_reader("ann"), seller=make_reader("bob"), variant=variant)

    of_ann, of_bob = (letters()[name] for name in ("ann", "bob"))

    assert of_ann.subject == "You bought: Northwold Low <& High>"
    assert "Northwold Low <& High>, size 10.5" in of_ann.body
    assert "Total: $133.55" in of_ann.body
    assert f"https://shop.example/orders/{order.pk}/" in of_ann.body
    assert "Low &lt;&amp; High&gt;" in html_of(of_ann)
    assert "$133.55" in html_of(of_ann)
    assert of_bob.subject.startswith("Sold and paid, please ship: ")
    assert "Seller's fee: -$12\nPayout: $108" in of_bob.body
    assert "Ship it within five days" in of_bob.body
    assert f"https://shop.example/sales/{order.pk}/" in of_bob.body
    assert "$133.55" not in of_bob.body + html_of(of_bob)


def test_bidder_reads_that_the_bid_was_met() -> None:
    bid = make_bid(price_cents=9_000, buyer=make_reader("ann"))
    sell_now(variant_id=bid.variant_id, seller=make_reader("bob"), seen_price_cents=9_000, idempotency_key=uuid4())

    subjects = {name: message.subject.partition(":")[0] for name, message in letters().items()}

    assert subjects == {"ann": "Your bid was met", "bob": "Sold"}


def test_asker_reads_that_the_ask_was_met() -> None:
    make_order(seller=make_reader("bob"))

    found = letters()

    assert found["bob"].subject.startswith("Your ask was met: ")
    assert "Wait with shipping until the buyer's payment is in." in found["bob"].body


def test_letter_carries_the_tracking_number_and_the_reason_of_a_cancellation() -> None:
    ann, bob = make_reader("ann"), make_reader("bob")
    sent = make_order(OrderStatus.PAID, buyer=ann, seller=bob)
    life.ship(order_id=sent.pk, seller=bob, tracking="AB 123")
    make_order(OrderStatus.CANCELLED, buyer=make_reader("cid"))

    found = letters()

    assert "Tracking number AB 123" in found["ann"].body
    assert found["cid"].subject.startswith("Cancelled: ")
    assert "It is damaged." in found["cid"].body
    assert "goes back to you in full" in found["cid"].body


def test_sellers_letter_of_a_cancellation_promises_no_payout() -> None:
    order = make_order(OrderStatus.PAID, seller=make_reader("bob"))
    life.refund(order_id=order.pk, staff=make_user(), reason="It is a copy.")

    of_bob = letters()["bob"]

    assert of_bob.subject.startswith("Sale cancelled: ")
    assert "nothing is paid out" in of_bob.body
    assert "Payout" not in of_bob.body


def test_what_the_provider_says_of_a_payment_is_for_the_buyer_alone() -> None:
    order = make_order(buyer=make_reader("ann"), seller=make_reader("bob"), token="test-declined")
    pay(order.pk)

    found = letters()

    words = order.payments.latest("pk").words
    assert words in found["ann"].body
    assert NOT_CHARGED in found["ann"].body
    assert words not in found["bob"].body + html_of(found["bob"])
    assert NOT_PAID in found["bob"].body


def test_line_end_in_a_name_ends_no_header() -> None:
    variant = make_variant(make_product(name="Low\nBcc: eve@example.com"))

    make_order(buyer=make_reader("ann"), variant=variant)

    assert letters()["ann"].subject == "You bought: Northwold Low Bcc: eve@example.com"


def test_foot_of_the_letter_ends_them_without_a_sign_in(client: Client) -> None:
    ann = make_reader("ann")
    make_order(buyer=ann)
    message = letters()["ann"]
    (link,) = re.findall(r"https://shop\.example(/accounts/mail/stop/\S+/)", str(message.body))

    asked = client.get(link)
    ann.refresh_from_db()
    before = ann.order_mail
    done = client.post(link)
    ann.refresh_from_db()

    assert message.extra_headers["List-Unsubscribe"] == f"<https://shop.example{link}>"
    assert f'href="https://shop.example{link}"' in html_of(message)
    assert "Send me none of it" in asked.content.decode()
    assert (before, ann.order_mail) == (True, False)
    assert "No more mail about orders" in done.content.decode()
