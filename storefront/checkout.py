"""Buy Now for a signed-in shopper: the trade and the fact that it happened, in one transaction."""

from typing import cast
from uuid import UUID

from django.db import transaction

from catalog import services
from catalog.exceptions import OrderRefused
from catalog.models import Trade
from recommendations.events import outbox
from recommendations.ports import Interaction, Shopper
from storefront.accounts.models import User


def buy_now(*, variant_id: int, buyer: User, shopper: Shopper, seen_price_cents: int, idempotency_key: UUID) -> Trade:
    """Buy one piece and put the purchase on its way to the recommender; both happen or neither.

    Args:
        variant_id, buyer, seen_price_cents, idempotency_key: as for `catalog.services.buy_now`.
        shopper: who gets the purchase in the history; one without consent leaves a trade and no event.

    Returns:
        The trade.

    Raises:
        OrderRefused: whatever the market refuses; nothing was charged or recorded.
    """
    refused: OrderRefused | None = None
    with transaction.atomic():
        try:
            placed = services.buy_now(
                variant_id=variant_id, buyer=buyer, seen_price_cents=seen_price_cents, idempotency_key=idempotency_key
            )
        except OrderRefused as error:
            # Kept with its key: raised only once the transaction is committed.
            refused = error
        else:
            trade = Trade.objects.select_related("variant__product").get(pk=cast("int", placed.trade_id))
            if shopper.is_tracked:
                outbox.add(_purchase(shopper, trade))
    if refused is not None:
        raise refused
    return trade


def _purchase(shopper: Shopper, trade: Trade) -> Interaction:
    return outbox.purchase_of(
        shopper,
        trade_id=trade.pk,
        item_id=trade.variant.product.sku,
        price=trade.price_cents / 100,
        traded_at=trade.traded_at,
    )
