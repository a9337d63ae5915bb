"""What time does to orders: unpaid and unshipped ones end, the house ships, what has long arrived is complete."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from catalog import conf
from catalog.models import Order, Payment
from catalog.orders.ending import cancel
from catalog.orders.states import OrderStatus, Role
from catalog.orders.steps import Mover, lock_order, move
from catalog.payments import requests

logger = logging.getLogger(__name__)
PAY_WITHIN = timedelta(hours=24)
SHIP_WITHIN = timedelta(days=5)
HOUSE_SHIPS_AFTER = timedelta(days=1)
COMPLETE_AFTER = timedelta(days=10)


@dataclass(frozen=True, slots=True)
class Deadline:
    """Orders like these, standing there for so long, are moved on; `is_meant` is told since when at the latest."""

    status: OrderStatus
    is_meant: Callable[[datetime], Q]
    after: timedelta
    to: OrderStatus
    reason: str


def _any(_before: datetime) -> Q:
    return Q()


def _of_house(_before: datetime) -> Q:
    return Q(seller=None)


def _of_person(_before: datetime) -> Q:
    return ~Q(seller=None)


def _was_asked(before: datetime) -> Q:
    """Time runs for the provider, from when it was asked first: after an outage of the shop itself it is paid late."""
    return Q(Exists(Payment.objects.filter(order=OuterRef("pk"), asked_at__lte=before)))


DEADLINES = (
    Deadline(OrderStatus.MATCHED, _was_asked, PAY_WITHIN, OrderStatus.CANCELLED, "It was not paid within a day."),
    Deadline(OrderStatus.PAID, _of_house, HOUSE_SHIPS_AFTER, OrderStatus.SHIPPED, ""),
    Deadline(
        OrderStatus.PAID, _of_person, SHIP_WITHIN, OrderStatus.CANCELLED, "The seller did not ship it within five days."
    ),
    Deadline(OrderStatus.SHIPPED, _any, COMPLETE_AFTER, OrderStatus.COMPLETED, "Nobody said that it has not arrived."),
)


def meet_deadlines(*, limit: int = 500) -> int:
    """Move on what stood for too long, longest first; one transaction an order.

    Args:
        limit: how many orders of each deadline at most; the rest waits for the next call.

    Returns:
        How many were moved.
    """
    return sum(_meet(deadline, limit) for deadline in DEADLINES)


def _meet(deadline: Deadline, limit: int) -> int:
    before = conf.now() - deadline.after
    late = Order.objects.filter(deadline.is_meant(before), status=deadline.status.value, updated_at__lte=before)
    found = list(late.order_by("updated_at").values_list("pk", flat=True)[:limit])
    return sum(_move(order_id, deadline) for order_id in found)


def _move(order_id: int, deadline: Deadline) -> bool:
    try:
        with transaction.atomic():
            order = lock_order(order_id)
            if order.status != deadline.status:
                return False
            mover = Mover(Role.SCHEDULE, reason=deadline.reason)
            if deadline.to == OrderStatus.CANCELLED:
                cancel(order, mover, puts_back=deadline.status == OrderStatus.MATCHED)
                requests.follow_up(order)
            else:
                move(order, deadline.to, mover)
    except Exception:
        # One order that cannot be moved holds up no other.
        logger.exception("deadline not met", extra={"order_id": order_id, "step": deadline.to.value})
        return False
    return True
