"""PURE the life of an order: its statuses, and the table of who may move it where."""

from enum import StrEnum


class OrderStatus(StrEnum):
    """Where an order stands."""

    MATCHED = "matched"
    PAID = "paid"
    SHIPPED = "shipped"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


# What is neither complete nor ended.
UNDER_WAY = (OrderStatus.MATCHED, OrderStatus.PAID, OrderStatus.SHIPPED)


class Role(StrEnum):
    """Who moves an order: the two parties, the payment provider's answer, the clock, a member of staff."""

    BUYER = "buyer"
    SELLER = "seller"
    PROVIDER = "provider"
    SCHEDULE = "schedule"
    STAFF = "staff"


# A match binds both sides: a buyer cannot leave it, and a seller leaves it at the price of not selling.
MAY_MOVE: dict[tuple[OrderStatus, OrderStatus], frozenset[Role]] = {
    (OrderStatus.MATCHED, OrderStatus.PAID): frozenset({Role.PROVIDER}),
    (OrderStatus.MATCHED, OrderStatus.CANCELLED): frozenset({Role.PROVIDER, Role.SCHEDULE, Role.STAFF}),
    (OrderStatus.PAID, OrderStatus.SHIPPED): frozenset({Role.SELLER, Role.SCHEDULE}),
    (OrderStatus.PAID, OrderStatus.CANCELLED): frozenset({Role.SELLER, Role.SCHEDULE, Role.STAFF}),
    (OrderStatus.SHIPPED, OrderStatus.COMPLETED): frozenset({Role.BUYER, Role.SCHEDULE}),
    (OrderStatus.SHIPPED, OrderStatus.CANCELLED): frozenset({Role.STAFF}),
    # What turns out too late, as a copy does: the buyer is refunded, and the seller's payout taken back.
    (OrderStatus.COMPLETED, OrderStatus.CANCELLED): frozenset({Role.STAFF}),
}

LEGAL: dict[OrderStatus, frozenset[OrderStatus]] = {
    before: frozenset(after for start, after in MAY_MOVE if start == before) for before in OrderStatus
}


def may_move(role: Role, before: OrderStatus, after: OrderStatus) -> bool:
    """Whether somebody in this role may move an order from one status to another."""
    return role in MAY_MOVE.get((before, after), frozenset())
