"""What people do to an order: a seller ships or gives up, a buyer receives, a member of staff gives the money back."""

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from catalog.exceptions import IllegalTransition, OrderRejected, UnknownOrder
from catalog.limits import check_reason
from catalog.models import Order
from catalog.orders.ending import cancel
from catalog.orders.states import OrderStatus, Role
from catalog.orders.steps import Mover, lock_order, move
from catalog.payments import requests

MAX_TRACKING = 60


@transaction.atomic
def ship(*, order_id: int, seller: AbstractBaseUser, tracking: str = "") -> Order:
    """Say that the piece is on its way.

    Args:
        order_id: a paid order of this seller's; one that is shipped already stays as it is.
        seller: who says so.
        tracking: the carrier's number, up to `MAX_TRACKING` characters; the buyer sees it.

    Returns:
        The order.

    Raises:
        UnknownOrder: there is no such order of theirs.
        IllegalTransition: it is not paid yet, or over.
        OrderRejected: the tracking number is too long.
    """
    tracking = tracking.strip()
    if len(tracking) > MAX_TRACKING or not tracking.isprintable():
        raise OrderRejected(f"tracking: give the carrier's number in at most {MAX_TRACKING} characters, or nothing.")
    order = _lock_for(order_id, Order.seller.field.attname, seller)
    reason = f"Tracking number {tracking}" if tracking else ""
    if not _is_there(order, OrderStatus.SHIPPED, Role.SELLER):
        move(order, OrderStatus.SHIPPED, Mover(Role.SELLER, seller.pk, reason))
    return order


@transaction.atomic
def receive(*, order_id: int, buyer: AbstractBaseUser) -> Order:
    """Say that the piece has come; the order is complete, and the seller's payout is due.

    Args:
        order_id: a shipped order of this buyer's; one that is complete stays as it is.
        buyer: who says so.

    Returns:
        The order.

    Raises:
        UnknownOrder: there is no such order of theirs.
        IllegalTransition: it is not shipped yet, or cancelled.
    """
    order = _lock_for(order_id, Order.buyer.field.attname, buyer)
    if order.status != OrderStatus.COMPLETED:
        # Time may have completed it a moment ago: that is what the buyer says, too.
        move(order, OrderStatus.COMPLETED, Mover(Role.BUYER, buyer.pk))
    return order


@transaction.atomic
def give_up(*, order_id: int, seller: AbstractBaseUser, reason: str) -> Order:
    """Say that a sold piece cannot be sent; the buyer gets all of the money back.

    Args:
        order_id: a paid order of this seller's; one that is cancelled stays as it is.
        seller: who says so.
        reason: why, in 1..300 characters; the buyer sees it.

    Returns:
        The order. Its refund is asked for by the next tick, or by `payments.paying.pay`.

    Raises:
        UnknownOrder: there is no such order of theirs.
        IllegalTransition: it is not paid yet, or on its way.
        OrderRejected: the reason is missing or too long.
    """
    reason = check_reason(reason)
    order = _lock_for(order_id, Order.seller.field.attname, seller)
    if not _is_there(order, OrderStatus.CANCELLED, Role.SELLER):
        cancel(order, Mover(Role.SELLER, seller.pk, reason), puts_back=False)
        requests.follow_up(order)
    return order


@transaction.atomic
def refund(*, order_id: int, staff: AbstractBaseUser, reason: str) -> Order:
    """Cancel an order and give the money back, at any time; or ask again for a refund that was declined.

    A seller who was paid out for it loses that again.

    Args:
        order_id: any order that is not cancelled; or a cancelled one whose refund was declined.
        staff: the member of staff; the caller has checked the permission.
        reason: why, in 1..300 characters; kept for good.

    Returns:
        The order. Its refund, or the release of what is held, is asked for by the next tick, or by
        `payments.paying.pay`.

    Raises:
        UnknownOrder: there is no such order.
        IllegalTransition: it is cancelled with nothing left to give back.
        OrderRejected: the reason is missing or too long.
    """
    reason = check_reason(reason)
    order = lock_order(order_id)
    if order.status == OrderStatus.CANCELLED:
        if not requests.ask_refund_again(order):
            raise IllegalTransition(f"order {order.pk} is cancelled, and nothing of it is left to give back.")
        return order
    cancel(order, Mover(Role.STAFF, staff.pk, reason), puts_back=order.status == OrderStatus.MATCHED)
    requests.follow_up(order)
    return order


def _lock_for(order_id: int, field: str, account: AbstractBaseUser) -> Order:
    order = lock_order(order_id)
    if getattr(order, field) != account.pk:
        raise UnknownOrder(f"order_id == {order_id}: you have no such order.")
    return order


def _is_there(order: Order, to: OrderStatus, role: Role) -> bool:
    """Whether the same role has moved it there already: a button that is pressed twice says no more."""
    last = order.steps.order_by("-pk").first()
    return order.status == to and last is not None and last.by == role
