"""Cancels a locked order, with all that follows of it in the market: the piece stands again, the sale was none."""

from psycopg.types.numeric import Int8

from catalog.calling import call_market
from catalog.models import Order
from catalog.orders.returning import put_back
from catalog.orders.states import OrderStatus
from catalog.orders.steps import Mover, move


def cancel(order: Order, mover: Mover, *, puts_back: bool) -> None:
    """Cancel a locked order, in the transaction that holds it.

    Args:
        order: as `lock_order` gave it.
        mover: who cancels, and why.
        puts_back: whether the seller is free to sell the piece again: it was never paid, and that was not their fault.

    Raises:
        IllegalTransition: nobody in that role may cancel it where it stands.
    """
    move(order, OrderStatus.CANCELLED, mover)
    if puts_back:
        put_back(order)
    # Last: the market locks accounts before books, and so must everybody.
    call_market("market_expire", Int8(order.trade.variant_id), order.updated_at)
