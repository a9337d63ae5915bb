"""Orders for tests, brought to where they stand by what really brings them there."""

from typing import cast
from uuid import uuid4

from catalog.models import Order, Variant
from catalog.orders import services as life
from catalog.orders.states import OrderStatus
from catalog.payments.methods import choose_method
from catalog.payments.paying import pay
from catalog.services import buy_now
from storefront.accounts.models import User
from tests.factories.accounts import make_user
from tests.factories.catalog import make_ask, make_variant


def make_order(
    status: str = OrderStatus.MATCHED,
    *,
    buyer: User | None = None,
    seller: User | None = None,
    price_cents: int = 12_000,
    variant: Variant | None = None,
    token: str = "",
) -> Order:
    """A person's sale at that price, paid with that token of the sandbox's, moved on until it stands there."""
    buyer, seller, variant = buyer or make_user(), seller or make_user(), variant or make_variant()
    if token:
        choose_method(account=buyer, token=token)
    make_ask(variant, price_cents, seller)
    return advance_order(take(variant, buyer, price_cents), status)


def make_house_order(status: str = OrderStatus.MATCHED, *, buyer: User | None = None, token: str = "") -> Order:
    """The same of a piece that the house sold."""
    buyer, variant = buyer or make_user(), make_variant()
    if token:
        choose_method(account=buyer, token=token)
    make_ask(variant, 12_000)
    return advance_order(take(variant, buyer, 12_000), status)


def take(variant: Variant, buyer: User, price_cents: int) -> Order:
    """The order of a Buy Now."""
    placed = buy_now(variant_id=variant.pk, buyer=buyer, seen_price_cents=price_cents, idempotency_key=uuid4())
    return Order.objects.get(pk=cast("int", placed.order_id))


def advance_order(order: Order, status: str) -> Order:
    """Move a matched order on: `paid`, `shipped`, `completed`, or `cancelled` by a seller who has been paid."""
    if status != OrderStatus.MATCHED:
        pay(order.pk)
    if status in {OrderStatus.SHIPPED, OrderStatus.COMPLETED}:
        life.ship(order_id=order.pk, seller=cast("User", order.seller))
    if status == OrderStatus.COMPLETED:
        life.receive(order_id=order.pk, buyer=order.buyer)
    if status == OrderStatus.CANCELLED:
        life.give_up(order_id=order.pk, seller=cast("User", order.seller), reason="It is damaged.")
    order.refresh_from_db()
    assert order.status == status
    return order
