"""PURE the life of an order: its statuses and the table of legal transitions."""

from enum import StrEnum


class OrderStatus(StrEnum):
    """Where an order stands."""

    MATCHED = "matched"
    PAID = "paid"
    SHIPPED = "shipped"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


LEGAL: dict[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.MATCHED: frozenset({OrderStatus.PAID, OrderStatus.CANCELLED}),
    OrderStatus.PAID: frozenset({OrderStatus.SHIPPED, OrderStatus.CANCELLED}),
    OrderStatus.SHIPPED: frozenset({OrderStatus.COMPLETED, OrderStatus.CANCELLED}),
    OrderStatus.COMPLETED: frozenset(),
    OrderStatus.CANCELLED: frozenset(),
}
