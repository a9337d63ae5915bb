"""Asks the provider: for one order right after its trade, and by tick for all that wait for an answer."""

import logging
import time
from collections.abc import Iterable
from itertools import islice

from django.db.models import Exists, OuterRef

from catalog import conf
from catalog.exceptions import PaymentMisused, PaymentUnanswered
from catalog.models import Order, Payment
from catalog.orders.states import OrderStatus
from catalog.payments import requests
from catalog.payments.plan import Kind, Standing
from catalog.payments.port import Answer
from catalog.payments.registry import find_provider

logger = logging.getLogger(__name__)
# Authorise and capture, or capture, and what a cancelled order gives back: no order needs more in a row.
MOST_IN_A_ROW = 4
# From this attempt on a request without an answer is an error that somebody should look into.
TRIES_BEFORE_ERROR = 8


def pay(order_id: int) -> OrderStatus:
    """Ask the provider for what an order needs now, as far as it answers.

    Call it after the trade is committed, never inside a transaction. What is not answered now is asked again by tick;
    calling it again, or at the same time, does no harm.

    Args:
        order_id: which order.

    Returns:
        Where the order stands now: `paid`, `cancelled` where the payment was declined, or `matched` while an answer is
        awaited.

    Raises:
        UnknownOrder: there is no such order.
        RuntimeError: called inside a transaction.
    """
    status = requests.start(order_id)
    for _ in range(MOST_IN_A_ROW):
        payment = requests.claim(order_id)
        if payment is None:
            break
        try:
            answer = _ask(payment)
        except PaymentUnanswered as error:
            _tell_unanswered(payment, error)
            break
        status = requests.record(payment, answer)
    return status


def pay_due(*, limit: int = 500, budget_s: float = 60.0) -> int:
    """Ask again for what is due, oldest first, and for orders that nobody has asked for yet.

    Args:
        limit: how many orders at most.
        budget_s: after so many seconds no further order is begun; the rest waits for the next call.

    Returns:
        How many orders were asked for.
    """
    return pay_each(_find_due(limit), budget_s=budget_s)


def pay_each(order_ids: Iterable[int], *, budget_s: float) -> int:
    """Ask for these orders one after the other; one that breaks holds up no other.

    Args:
        order_ids: of orders that are there.
        budget_s: after so many seconds no further order is begun.

    Returns:
        How many orders were asked for.
    """
    until_s = time.monotonic() + budget_s
    n_asked = 0
    for order_id in order_ids:
        if time.monotonic() > until_s:
            break
        try:
            pay(order_id)
        except Exception:
            # One order that cannot be paid keeps no other from being paid.
            logger.exception("payment failed", extra={"order_id": order_id})
        n_asked += 1
    return n_asked


def _find_due(limit: int) -> list[int]:
    asked = Payment.objects.filter(status=Standing.ASKED.value, ask_at__lte=conf.now()).order_by("ask_at")
    begun = Exists(Payment.objects.filter(order=OuterRef("pk")))
    fresh = Order.objects.filter(~begun, status=OrderStatus.MATCHED.value).order_by("updated_at")
    # Each half of the limit is for one kind first: neither keeps the other waiting for good.
    half = limit // 2
    first = list(asked.values_list("order_id", flat=True)[:limit])
    second = list(fresh.values_list("pk", flat=True)[:limit])
    in_turn = [*first[:half], *second[:half], *first[half:], *second[half:]]
    return list(islice(dict.fromkeys(in_turn), limit))


def _ask(payment: Payment) -> Answer:
    provider, key = find_provider(), payment.idempotency_key
    try:
        match Kind(payment.kind):
            case Kind.AUTHORISE:
                return provider.authorise(key=key, token=payment.token, amount_cents=payment.amount_cents)
            case Kind.CAPTURE:
                return provider.capture(key=key, reference=payment.reference, amount_cents=payment.amount_cents)
            case Kind.VOID:
                return provider.void(key=key, reference=payment.reference)
            case Kind.REFUND:
                return provider.refund(key=key, reference=payment.reference, amount_cents=payment.amount_cents)
    except PaymentMisused as error:
        # Asked again it would be refused again: told as declined, which ends the order and is seen in the admin.
        logger.exception("payment refused as misuse", extra={"order_id": payment.order_id, "code": error.code})
        return Answer(is_done=False, reference=payment.reference, words="The payment provider refused the request.")


def _tell_unanswered(payment: Payment, error: PaymentUnanswered) -> None:
    level = logging.ERROR if payment.n_tries >= TRIES_BEFORE_ERROR else logging.WARNING
    extra = {"order_id": payment.order_id, "step": payment.kind, "n_tries": payment.n_tries, "code": error.code}
    logger.log(level, "payment unanswered", extra=extra)
