"""Puts the seller back where the match found them, when nothing came of it and the fault was not theirs."""

import logging
from uuid import UUID, uuid5

from catalog import conf, housekeeping, market
from catalog.exceptions import OrderRefused
from catalog.models import Ask, Order

logger = logging.getLogger(__name__)
# Of a name space of its own, so that an order's piece is put back once, whoever tries.
SPACE = UUID("8f2b6e0e-5d7c-4a53-9f0b-6c1d2f3a4b5c")


def put_back(order: Order) -> Ask | None:
    """Offer the piece of a cancelled order again, at its old price, in its old place in line and until its old expiry.

    It may be matched at once with whoever bid meanwhile. Whoever sold at once had nothing standing: there is nothing to
    put back, as with an ask that has run out by now. Call it in the transaction that cancels the order.

    Args:
        order: a locked one that was never paid.

    Returns:
        The ask that stands again; None where there is none, or it was matched at once.
    """
    ask = Ask.objects.select_related("drop").filter(trade__order=order).first()
    if ask is None or (ask.expires_at is not None and ask.expires_at <= conf.now()):
        return None
    try:
        return _stock(ask) if ask.seller_id is None else _place(ask, ask.seller_id, order)
    except OrderRefused as error:
        # A suspended seller, a product that was delisted, a bid of the seller's own at that price by now.
        logger.warning("piece not put back", extra={"order_id": order.pk, "code": error.code})
        return None


def _stock(ask: Ask) -> Ask | None:
    n_standing = housekeeping.stock_house_asks(
        variant_id=ask.variant_id,
        n_pieces=1,
        price_cents=ask.price_cents,
        drop_id=ask.drop_id,
        expires_at=ask.expires_at,
    )
    standing = Ask.objects.filter(variant_id=ask.variant_id, seller=None, status=Ask.Status.OPEN)
    return standing.order_by("-pk").first() if n_standing else None


def _place(ask: Ask, seller_id: int, order: Order) -> Ask | None:
    command = market.Command(
        kind="place_ask",
        account_id=seller_id,
        idempotency_key=uuid5(SPACE, str(order.pk)),
        target_id=ask.variant_id,
        price_cents=ask.price_cents,
        expires_at=ask.expires_at,
    )
    placed = market.placed(market.carry_out(command, conf.now()))
    if placed.trade_id is not None or placed.ask_id is None:
        return None
    # The book of this size is locked until the transaction ends: nobody has seen the new ask behind others yet.
    Ask.objects.filter(pk=placed.ask_id).update(placed_at=ask.placed_at)
    return Ask.objects.get(pk=placed.ask_id)
