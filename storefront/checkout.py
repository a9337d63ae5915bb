"""Buy Now for a signed-in shopper: the trade and the fact that it happened, in one transaction."""

from uuid import UUID

from django.db import transaction

from catalog import services
from catalog.models import Trade
from recommendations.events import ids, outbox
from recommendations.ports import Interaction, Shopper
from storefront.accounts.models import User


@transaction.atomic
def buy_now(*, variant_id: int, buyer: User, shopper: Shopper, seen_price_cents: int, idempotency_key: UUID) -> Trade:
    """Buy one piece and put the purchase on its way to the recommender; both happen or neither.

    Args:
        variant_id, buyer, seen_price_cents, idempotency_key: as for `catalog.services.buy_now`.
        shopper: who gets the purchase in the history; one without consent leaves a trade and no event.

    Returns:
        The trade.

    Raises:
        CatalogError: whatever the market refuses; nothing was charged or recorded.
    """
    trade = services.buy_now(
        variant_id=variant_id, buyer=buyer, seen_price_cents=seen_price_cents, idempotency_key=idempotency_key
    )
    if shopper.has_consent:
        outbox.add(purchase_of(trade, shopper))
    return trade


def purchase_of(trade: Trade, shopper: Shopper) -> Interaction:
    """The trade as an interaction; its id follows from the trade, so that relaying it twice changes nothing."""
    item_id = trade.variant.product.sku
    return Interaction(
        event_id=ids.derived(trade.traded_at, "purchase", str(trade.pk)),
        shopper_key=shopper.shopper_key,
        session_id=shopper.session_id,
        item_id=item_id,
        event_type="purchase",
        occurred_at=trade.traded_at,
        received_at=trade.traded_at,
        event_value=trade.price_cents / 100,
    )
