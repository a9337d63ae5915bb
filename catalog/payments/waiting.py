"""How much money waits: orders under way, requests without an answer, refunds that were declined."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, Min, OuterRef, QuerySet

from catalog.models import Order, Payment
from catalog.orders.states import UNDER_WAY
from catalog.payments.plan import Kind, Standing


@dataclass(frozen=True, slots=True)
class Waiting:
    """Counts of this moment; `oldest_asked_at` is None where every request has its answer."""

    n_orders: dict[str, int]
    n_unanswered: int
    oldest_asked_at: datetime | None
    n_refunds_declined: int


def declined_refunds() -> QuerySet[Payment]:
    """Refunds that were declined, and that nobody asked for again."""
    refunds = Payment.objects.filter(kind=Kind.REFUND.value)
    asked_again = refunds.filter(order=OuterRef("order"), pk__gt=OuterRef("pk"))
    return refunds.filter(~Exists(asked_again), status=Standing.DECLINED.value)


def read_waiting() -> Waiting:
    """What waits now, in three queries over what is under way."""
    counted = Order.objects.filter(status__in=UNDER_WAY).order_by().values_list("status").annotate(n=Count("pk"))
    unanswered = Payment.objects.filter(status=Standing.ASKED.value).aggregate(n=Count("pk"), oldest=Min("asked_at"))
    return Waiting(
        n_orders={**dict.fromkeys((status.value for status in UNDER_WAY), 0), **dict(counted)},
        n_unanswered=unanswered["n"],
        oldest_asked_at=unanswered["oldest"],
        n_refunds_declined=declined_refunds().count(),
    )
