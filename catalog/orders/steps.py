"""The one writer of an order's status: a change and the step that tells of it, under the order's lock."""

import logging
from dataclasses import dataclass

from django.db import transaction

from catalog import conf
from catalog.exceptions import IllegalTransition, UnknownOrder
from catalog.limits import MAX_REASON
from catalog.models import Order, OrderStep
from catalog.orders.states import OrderStatus, Role, may_move

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mover:
    """Who moves an order and why; `account_id` where a person asked for it."""

    role: Role
    account_id: int | None = None
    reason: str = ""


def lock_order(order_id: int) -> Order:
    """The order, held until the transaction ends.

    Raises:
        UnknownOrder: there is none.
    """
    # Rows that merely refer to the order are not held up.
    order = Order.objects.select_for_update(of=("self",), no_key=True).filter(pk=order_id).first()
    if order is None:
        raise UnknownOrder(f"order_id == {order_id}: there is no such order.")
    return order


def move(order: Order, to: OrderStatus, mover: Mover) -> None:
    """Move a locked order on, and write the step.

    Args:
        order: as `lock_order` gave it.
        to: where it is to stand.
        mover: who, and why; a reason is cut at 300 characters.

    Raises:
        IllegalTransition: nobody in that role may move it there from where it stands.
    """
    before = OrderStatus(order.status)
    if not may_move(mover.role, before, to):
        raise IllegalTransition(f"order {order.pk} is {before}: {mover.role} cannot make it {to}.")
    order.status, order.updated_at = to.value, conf.now()
    with transaction.atomic():
        order.save(update_fields=["status", "updated_at"])
        OrderStep.objects.create(
            order=order,
            from_status=before.value,
            to_status=to.value,
            at=order.updated_at,
            by=mover.role.value,
            account_id=mover.account_id,
            reason=mover.reason[:MAX_REASON],
        )
    logger.info("order moved", extra={"order_id": order.pk, "step": to.value, "actor": mover.role.value})
