"""Payment rows: what is asked for an order, what was answered, and what follows of it; each in one transaction."""

import logging
import math
from datetime import timedelta
from uuid import uuid4

from django.db import transaction

from catalog import conf
from catalog.exceptions import PaymentAnswered, PaymentUnderWay
from catalog.models import Order, Payment
from catalog.orders.ending import cancel
from catalog.orders.states import OrderStatus, Role
from catalog.orders.steps import Mover, lock_order, move
from catalog.payments.methods import find_token
from catalog.payments.plan import Kind, Request, Standing, plan
from catalog.payments.port import Answer

logger = logging.getLogger(__name__)
# Between two attempts, doubled each time; money is asked about for as long as it takes.
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
# What the column holds: from here on attempts are made, and no longer counted.
MOST_TRIES = 32_767


def follow_up(order: Order, *, told: str = "") -> None:
    """Do what a locked order needs now: make its next request, or move it where the answers put it.

    Args:
        order: as `lock_order` gave it.
        told: why it ends, if it does; the provider's own words by default.
    """
    payments = list(order.payments.order_by("pk"))
    step = plan(OrderStatus(order.status), [Request(Kind(each.kind), Standing(each.status)) for each in payments])
    if step.ask is not None:
        _request(order, step.ask, payments)
    elif step.move_to == OrderStatus.CANCELLED:
        cancel(order, Mover(Role.PROVIDER, reason=told or payments[-1].words), puts_back=True)
        # What a declined capture leaves held is let go.
        follow_up(order)
    elif step.move_to is not None:
        move(order, step.move_to, Mover(Role.PROVIDER))


def start(order_id: int) -> OrderStatus:
    """See that the order's next request is there to be asked.

    Args:
        order_id: which order.

    Returns:
        Where the order stands.

    Raises:
        UnknownOrder: there is none.
    """
    with transaction.atomic(durable=True):
        order = lock_order(order_id)
        follow_up(order)
    return OrderStatus(order.status)


def claim(order_id: int) -> Payment | None:
    """Take the request of an order that is due, so that nobody else asks at the same time.

    It is due again after a while: whoever dies between claim and answer has asked in vain, or asks the same once more.

    Args:
        order_id: which order.

    Returns:
        The request, counted as asked once more; None where none is due.
    """
    with transaction.atomic(durable=True):
        now = conf.now()
        due = Payment.objects.select_for_update(skip_locked=True).filter(
            order_id=order_id, status=Standing.ASKED.value, ask_at__lte=now
        )
        payment = due.order_by("pk").first()
        if payment is not None:
            payment.ask_at = now + min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(payment.n_tries, 10))
            payment.n_tries, payment.tried_at = min(payment.n_tries + 1, MOST_TRIES), now
            payment.save(update_fields=["ask_at", "n_tries", "tried_at"])
    return payment


def record(payment: Payment, answer: Answer) -> OrderStatus:
    """Write an answer down, with all that follows of it.

    Args:
        payment: the request.
        answer: what the provider said; of two the first one counts. They are the same, unless staff ended the wait and
            the provider did it after all.

    Returns:
        Where the order stands.
    """
    with transaction.atomic(durable=True):
        order = lock_order(payment.order_id)
        kept = Payment.objects.select_for_update().get(pk=payment.pk)
        if kept.status == Standing.ASKED:
            _write(order, kept, answer)
        elif answer.is_done != (kept.status == Standing.DONE):
            extra = {"order_id": order.pk, "step": kept.kind, "code": "payment_answered"}
            logger.error("payment answered otherwise than recorded; compare with the provider", extra=extra)
    return OrderStatus(order.status)


def give_up(payment: Payment, *, words: str, told: str) -> OrderStatus:
    """End the wait for an answer: it counts as declined.

    Args:
        payment: the request.
        words: why; kept with the request.
        told: what the order says of its end.

    Returns:
        Where the order stands.

    Raises:
        PaymentAnswered: it has its answer by now.
        PaymentUnderWay: the provider was asked a moment ago, and may do it yet.
    """
    with transaction.atomic(durable=True):
        order = lock_order(payment.order_id)
        kept = Payment.objects.select_for_update().get(pk=payment.pk)
        if kept.status != Standing.ASKED:
            raise PaymentAnswered(f"payment {kept.pk} has its answer by now; look at its order.")
        wait = FIRST_WAIT - (conf.now() - kept.tried_at) if kept.tried_at else timedelta(0)
        if wait > timedelta(0):
            left_s = math.ceil(wait.total_seconds())
            raise PaymentUnderWay(f"payment {kept.pk} was asked for a moment ago; end the wait in {left_s} seconds.")
        _write(order, kept, Answer(is_done=False, reference=kept.reference, words=words), told=told)
    return OrderStatus(order.status)


def ask_refund_again(order: Order) -> bool:
    """Make another request for the refund of a locked order, where the last one was declined.

    Returns:
        Whether there was one to repeat.
    """
    payments = list(order.payments.order_by("pk"))
    refunds = [each for each in payments if each.kind == Kind.REFUND]
    if not refunds or refunds[-1].status != Standing.DECLINED:
        return False
    _request(order, Kind.REFUND, payments)
    return True


def _write(order: Order, kept: Payment, answer: Answer, *, told: str = "") -> None:
    kept.status = (Standing.DONE if answer.is_done else Standing.DECLINED).value
    kept.reference, kept.words = answer.reference[:100], answer.words[:200]
    kept.answered_at = conf.now()
    kept.save(update_fields=["status", "reference", "words", "answered_at"])
    follow_up(order, told=told)


def _request(order: Order, kind: Kind, payments: list[Payment]) -> None:
    now = conf.now()
    held = next((each.reference for each in payments if each.kind == Kind.AUTHORISE), "")
    Payment.objects.create(
        order=order,
        kind=kind.value,
        amount_cents=order.total_cents,
        idempotency_key=uuid4(),
        token=find_token(order.buyer_id) if kind == Kind.AUTHORISE else "",
        reference=held,
        asked_at=now,
        ask_at=now,
    )
