"""What a letter says: subject, plain text and HTML, from the order as it stands now."""

from dataclasses import dataclass

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.urls import reverse

from catalog.models import Order, OrderStep
from catalog.orders.states import OrderStatus
from storefront.context import BRAND
from storefront.letters.models import Letter
from storefront.letters.stopping import header_fields, make_stop_token
from storefront.order_life import reason_for, was_paid, words_for


@dataclass(frozen=True, slots=True)
class News:
    """What happened, to one of the two parties: the subject's first words and the letter's first sentence."""

    title: str
    said: str


FOR_BUYER = {
    OrderStatus.MATCHED: News("You bought", "You bought it at the price you saw."),
    OrderStatus.SHIPPED: News("On its way", "Your order is on its way."),
    OrderStatus.COMPLETED: News("Completed", "Your order is complete."),
    OrderStatus.CANCELLED: News("Cancelled", "Your order was cancelled."),
}
FOR_SELLER = {
    OrderStatus.MATCHED: News("Sold", "Your piece is sold."),
    OrderStatus.PAID: News("Sold and paid, please ship", "Your piece is sold, and the buyer has paid."),
    OrderStatus.COMPLETED: News("Your payout is due", "The buyer has your piece."),
    OrderStatus.CANCELLED: News("Sale cancelled", "Your sale was cancelled."),
}
BID_MET = News("Your bid was met", "A seller met your bid.")
ASK_MET = News("Your ask was met", "A buyer met your ask.")


def word_letter(letter: Letter, connection: BaseEmailBackend) -> EmailMultiAlternatives:
    """The mail of a letter.

    Args:
        letter: with its account, and its step's order, trade, variant, product and brand.
        connection: by which it will leave.
    """
    step, order = letter.step, letter.step.order
    is_buyer = order.buyer_id == letter.account_id
    news, product = news_of(step, is_buyer=is_buyer), order.trade.variant.product
    stop_url = settings.SHOP_ORIGIN + reverse("stop-mail", args=[make_stop_token(letter.account)])
    context = {
        "brand": BRAND,
        "name": letter.account.get_username(),
        "said": news.said,
        "product": product,
        "size": order.trade.variant.size,
        "lines": lines_of(order, is_buyer=is_buyer),
        "reason": reason_for(step, is_buyer=is_buyer),
        "meaning": words_for(order, is_buyer=is_buyer, paid=was_paid(order.steps.all())),
        "link": settings.SHOP_ORIGIN + reverse("order" if is_buyer else "sale", args=[order.pk]),
        "stop_link": stop_url,
    }
    # No line's end of an imported name may end the header.
    subject = " ".join(f"{news.title}: {product.brand.name} {product.name}".split())
    message = EmailMultiAlternatives(
        subject, render_to_string("letters/order.txt", context), None, [letter.account.email], connection=connection
    )
    message.attach_alternative(render_to_string("letters/order.html", context), "text/html")
    message.extra_headers.update(header_fields(stop_url))
    return message


def news_of(step: OrderStep, *, is_buyer: bool) -> News:
    """What a step is to the buyer, or to the seller."""
    status, trade = OrderStatus(step.to_status), step.order.trade
    if status == OrderStatus.MATCHED and is_buyer and trade.bid_id is not None:
        return BID_MET
    if status == OrderStatus.MATCHED and not is_buyer and trade.ask_id is not None:
        return ASK_MET
    return (FOR_BUYER if is_buyer else FOR_SELLER)[status]


def lines_of(order: Order, *, is_buyer: bool) -> list[tuple[str, int]]:
    """The amounts that are this party's, in minor units."""
    if is_buyer:
        return [
            ("Price", order.price_cents),
            ("Processing", order.processing_cents),
            ("Shipping", order.shipping_cents),
            ("Total", order.total_cents),
        ]
    if order.status == OrderStatus.CANCELLED:
        return [("Price", order.price_cents)]
    return [("Price", order.price_cents), ("Seller's fee", -order.fee_cents), ("Payout", order.payout_cents)]
