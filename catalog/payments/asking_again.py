"""What a member of staff does about payments without an answer: have the provider asked again now, or end the wait."""

from collections import Counter
from collections.abc import Iterable

from django.db.models import QuerySet

from catalog import conf
from catalog.exceptions import OrderRejected, PaymentAnswered
from catalog.limits import check_reason
from catalog.models import Payment
from catalog.orders.states import OrderStatus
from catalog.payments import requests
from catalog.payments.paying import pay_each
from catalog.payments.plan import Standing

# So many at once, and for so long: a page waits for it, and a tick asks for the rest.
MOST_AT_ONCE, BUDGET_S = 50, 10.0
MAX_WORDS = 200
# How that is known is for the staff; buyer and seller read this.
NOT_CONFIRMED = "The payment was never confirmed."


def unanswered() -> QuerySet[Payment]:
    """Requests without an answer, the longest waiting first."""
    return Payment.objects.filter(status=Standing.ASKED.value).order_by("asked_at", "pk")


def ask_again(payment_ids: Iterable[int], *, budget_s: float = BUDGET_S) -> Counter[str]:
    """Have the provider asked now for what is not answered, whenever the tick would have asked; never in a transaction.

    Args:
        payment_ids: which requests, `MOST_AT_ONCE` of them; one that has its answer by now is left as it is.
        budget_s: after so many seconds no further one is begun; the tick asks for the rest, in its next turn.

    Returns:
        How many requests stand how now: `asked`, `done`, `declined`.
    """
    orders = dict(unanswered().filter(pk__in=list(payment_ids)).values_list("pk", "order_id")[:MOST_AT_ONCE])
    Payment.objects.filter(pk__in=orders, status=Standing.ASKED.value).update(ask_at=conf.now())
    pay_each(dict.fromkeys(orders.values()), budget_s=budget_s)
    return Counter(Payment.objects.filter(pk__in=orders).values_list("status", flat=True))


def close(payment_id: int, *, reason: str) -> OrderStatus:
    """End the wait for an answer, because the provider itself says that it did nothing: it counts as declined.

    What follows is what follows a decline: an order that cannot be paid is cancelled, a refund may be asked for again.

    Args:
        payment_id: a request without an answer.
        reason: how that is known, in 1..200 characters; kept with the request for good.

    Returns:
        Where the order stands.

    Raises:
        OrderRejected: the reason is missing or too long.
        PaymentAnswered: it has its answer by now.
        PaymentUnderWay: the provider was asked a moment ago, and may do it yet.
    """
    words = check_reason(reason)
    if len(words) > MAX_WORDS:
        raise OrderRejected(f"reason: say why, in 1 to {MAX_WORDS} characters.")
    payment = unanswered().filter(pk=payment_id).first()
    if payment is None:
        raise PaymentAnswered(f"payment {payment_id} has its answer by now; look at its order.")
    return requests.give_up(payment, words=words, told=NOT_CONFIRMED)
