"""The life of an order as its page tells it: the steps that were, the one that is now, and those still to come."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.models import Order, OrderStep
from catalog.orders.states import OrderStatus, Role

PATH = (OrderStatus.MATCHED, OrderStatus.PAID, OrderStatus.SHIPPED, OrderStatus.COMPLETED)
# What a list says of an order that stands there. "Matched" is the market's word, and no shopper's.
TITLES = {
    OrderStatus.MATCHED: "Awaiting payment",
    OrderStatus.PAID: "Paid",
    OrderStatus.SHIPPED: "Shipped",
    OrderStatus.COMPLETED: "Completed",
    OrderStatus.CANCELLED: "Cancelled",
}
# What happened first, to the buyer and to the seller.
ORDERED, SOLD = "Ordered", "Sold"
FOR_BUYER = {
    OrderStatus.MATCHED: "Your payment is being asked for. Nothing else is needed of you.",
    OrderStatus.PAID: "It is paid. The seller has five days to ship it.",
    OrderStatus.SHIPPED: "It is on its way. Say so once it has come; after ten days that is taken for granted.",
    OrderStatus.COMPLETED: "It has come, and the seller has their payout. Enjoy it.",
    OrderStatus.CANCELLED: "It was cancelled. What you paid goes back to you in full.",
}
FOR_SELLER = {
    OrderStatus.MATCHED: "Sold. Wait with shipping until the buyer's payment is in.",
    OrderStatus.PAID: "It is paid. Ship it within five days, or the sale is cancelled.",
    OrderStatus.SHIPPED: "It is on its way to the buyer.",
    OrderStatus.COMPLETED: "It has arrived, and your payout is due.",
    OrderStatus.CANCELLED: "It was cancelled, and nothing is paid out.",
}

NOT_PAID = "The buyer's payment did not go through."
NOT_CHARGED = "It was cancelled before it was paid, so nothing was charged."


@dataclass(frozen=True, slots=True)
class LifeStep:
    """One station: when it was reached (None: not yet), whether the order stands there, and what was said."""

    title: str
    status: str
    at: datetime | None
    is_now: bool
    note: str


def life_of(order: Order, steps: Sequence[OrderStep], *, is_buyer: bool) -> list[LifeStep]:
    """All stations of an order, in order.

    Args:
        order: whose; a trade of before there were steps begins with its own time.
        steps: what happened to it, the earliest first.
        is_buyer: whether its buyer reads it, or its seller.
    """
    reached: dict[str, OrderStep] = {step.to_status: step for step in steps}
    is_cancelled = order.status == OrderStatus.CANCELLED
    path = [each for each in PATH if each in reached or each == OrderStatus.MATCHED] if is_cancelled else list(PATH)
    stations = [*path, OrderStatus.CANCELLED] if is_cancelled else path
    return [_station(order, station, reached.get(station), is_buyer=is_buyer) for station in stations]


def was_paid(steps: Iterable[OrderStep]) -> bool:
    """Whether the buyer's money was taken, whatever became of it."""
    return any(step.to_status == OrderStatus.PAID for step in steps)


def is_declined(steps: Sequence[OrderStep]) -> bool:
    """Whether the order ended because the payment was refused."""
    return bool(steps) and steps[-1].to_status == OrderStatus.CANCELLED and steps[-1].by == Role.PROVIDER


def words_for(order: Order, *, is_buyer: bool, paid: bool) -> str:
    """What the order's standing means to the buyer, or to the seller.

    Args:
        order: as it stands.
        is_buyer: who reads it.
        paid: whether it ever was; see `was_paid`.
    """
    if is_buyer and order.status == OrderStatus.CANCELLED and not paid:
        return NOT_CHARGED
    if is_buyer and order.status == OrderStatus.PAID and order.seller_id is None:
        return "It is paid. The house ships it within a day."
    return (FOR_BUYER if is_buyer else FOR_SELLER)[OrderStatus(order.status)]


def reason_for(step: OrderStep, *, is_buyer: bool) -> str:
    """Why a step was taken, as far as it concerns the buyer, or the seller; empty where nothing was said."""
    if is_buyer and step.reason and step.by == Role.SELLER and step.to_status == OrderStatus.CANCELLED:
        return f"The seller says: {step.reason}"
    # What a provider says of a payment is between it and who pays.
    return NOT_PAID if step.by == Role.PROVIDER and step.reason and not is_buyer else step.reason


def _station(order: Order, station: OrderStatus, step: OrderStep | None, *, is_buyer: bool) -> LifeStep:
    at = step.at if step else order.placed_at if station == OrderStatus.MATCHED else None
    first = ORDERED if is_buyer else SOLD
    title = first if station == OrderStatus.MATCHED else TITLES[station]
    return LifeStep(title, station, at, order.status == station, reason_for(step, is_buyer=is_buyer) if step else "")
