"""The market's commands for a signed-in shopper, each with its interaction in the same transaction: both or neither."""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction

from catalog import services
from catalog.exceptions import OrderRefused
from catalog.models import Ask, Bid, Variant
from catalog.services import Placed
from recommendations.events import outbox
from recommendations.models import Interaction
from recommendations.ports import Shopper
from storefront.accounts.models import User

PURCHASE, BID, ASK = "purchase", "bid", "ask"


def buy_now(*, variant_id: int, buyer: User, shopper: Shopper, seen_price_cents: int, idempotency_key: UUID) -> Placed:
    """Buy one piece and put the purchase on its way to the recommender.

    Args:
        variant_id, buyer, seen_price_cents, idempotency_key: as for `catalog.services.buy_now`.
        shopper: who gets the purchase in the history; one without consent leaves a trade and no event.

    Returns:
        The trade and its order.

    Raises:
        OrderRefused: whatever the market refuses; nothing was charged or recorded, and the key keeps the refusal.
    """
    return _carry_out(
        lambda: services.buy_now(
            variant_id=variant_id, buyer=buyer, seen_price_cents=seen_price_cents, idempotency_key=idempotency_key
        ),
        shopper,
        lambda: _sku(variant_id),
        met=PURCHASE,
    )


def sell_now(
    *, variant_id: int, seller: User, shopper: Shopper, seen_price_cents: int, idempotency_key: UUID
) -> Placed:
    """Sell one piece to the highest bid; to the recommender it is an ask that was met, and the bidder's purchase.

    Args:
        variant_id, seller, seen_price_cents, idempotency_key: as for `catalog.services.sell_now`.
        shopper: whose history gets the ask.

    Returns:
        The trade and its order.

    Raises:
        OrderRefused: as for `buy_now`.
    """
    return _carry_out(
        lambda: services.sell_now(
            variant_id=variant_id, seller=seller, seen_price_cents=seen_price_cents, idempotency_key=idempotency_key
        ),
        shopper,
        lambda: _sku(variant_id),
        met=ASK,
    )


def place_bid(
    *,
    variant_id: int,
    buyer: User,
    shopper: Shopper,
    price_cents: int,
    expires_in_days: int,
    idempotency_key: UUID,
) -> Placed:
    """Bid for one piece; a bid that is met at once counts as the purchase it is.

    Args:
        variant_id, buyer, price_cents, expires_in_days, idempotency_key: as for `catalog.services.place_bid`.
        shopper: whose history gets it.

    Returns:
        The standing bid, or the trade and its order.

    Raises:
        OrderRefused: as for `buy_now`.
    """
    return _carry_out(
        lambda: services.place_bid(
            variant_id=variant_id,
            buyer=buyer,
            price_cents=price_cents,
            expires_in_days=expires_in_days,
            idempotency_key=idempotency_key,
        ),
        shopper,
        lambda: _sku(variant_id),
        met=PURCHASE,
        resting=BID,
    )


def place_ask(
    *,
    variant_id: int,
    seller: User,
    shopper: Shopper,
    price_cents: int,
    expires_in_days: int,
    idempotency_key: UUID,
) -> Placed:
    """Offer one piece for sale.

    Args:
        variant_id, seller, price_cents, expires_in_days, idempotency_key: as for `catalog.services.place_ask`.
        shopper: whose history gets it.

    Returns:
        The standing ask, or the trade and its order.

    Raises:
        OrderRefused: as for `buy_now`.
    """
    return _carry_out(
        lambda: services.place_ask(
            variant_id=variant_id,
            seller=seller,
            price_cents=price_cents,
            expires_in_days=expires_in_days,
            idempotency_key=idempotency_key,
        ),
        shopper,
        lambda: _sku(variant_id),
        met=ASK,
        resting=ASK,
    )


def edit_bid(
    *, bid_id: int, buyer: User, shopper: Shopper, price_cents: int, expires_in_days: int, idempotency_key: UUID
) -> Placed:
    """Give a standing bid another price and expiry; only where it is met by that is there something new to record.

    Args:
        bid_id, buyer, price_cents, expires_in_days, idempotency_key: as for `catalog.services.edit_bid`.
        shopper: whose history gets the purchase.

    Returns:
        The standing bid, or the trade and its order.

    Raises:
        OrderRefused: as for `buy_now`.
    """
    return _carry_out(
        lambda: services.edit_bid(
            bid_id=bid_id,
            buyer=buyer,
            price_cents=price_cents,
            expires_in_days=expires_in_days,
            idempotency_key=idempotency_key,
        ),
        shopper,
        lambda: Bid.objects.values_list("variant__product__sku", flat=True).get(pk=bid_id),
        met=PURCHASE,
    )


def edit_ask(
    *, ask_id: int, seller: User, shopper: Shopper, price_cents: int, expires_in_days: int, idempotency_key: UUID
) -> Placed:
    """Give a standing ask another price and expiry.

    Args:
        ask_id, seller, price_cents, expires_in_days, idempotency_key: as for `catalog.services.edit_ask`.
        shopper: whose history gets the ask where it is met.

    Returns:
        The standing ask, or the trade and its order.

    Raises:
        OrderRefused: as for `buy_now`.
    """
    return _carry_out(
        lambda: services.edit_ask(
            ask_id=ask_id,
            seller=seller,
            price_cents=price_cents,
            expires_in_days=expires_in_days,
            idempotency_key=idempotency_key,
        ),
        shopper,
        lambda: Ask.objects.values_list("variant__product__sku", flat=True).get(pk=ask_id),
        met=ASK,
    )


def _carry_out(
    command: Callable[[], Placed], shopper: Shopper, find_sku: Callable[[], str], *, met: str, resting: str = ""
) -> Placed:
    """Run a command and record what it became: `met` for a trade, `resting` (none if empty) for what stands."""
    refused: OrderRefused | None = None
    with transaction.atomic():
        try:
            placed = command()
        except OrderRefused as error:
            # Raised only once the transaction is committed: the refusal is kept with its key.
            refused = error
        else:
            event_type = resting if placed.trade_id is None else met
            is_told = bool(event_type) and shopper.is_tracked
            bid_id = placed.bid_id if met == ASK and placed.trade_id is not None else None
            sku = find_sku() if is_told or bid_id is not None else ""
            if is_told:
                _record(shopper, event_type, placed, sku)
            if bid_id is not None:
                _record_for_bidder(bid_id, placed, sku)
    if refused is not None:
        raise refused
    return placed


def _record(shopper: Shopper, event_type: str, placed: Placed, sku: str) -> None:
    own = placed.bid_id if placed.ask_id is None else placed.ask_id
    key = str(own if placed.trade_id is None else placed.trade_id)
    deed = outbox.deed_of(
        shopper, event_type, key=key, item_id=sku, price=placed.price_cents / 100, at=placed.placed_at
    )
    outbox.add(deed)


def _record_for_bidder(bid_id: int, placed: Placed, sku: str) -> None:
    """Put the purchase into the history that holds the bid; where that was never recorded or is forgotten, nowhere."""
    key = User.objects.values_list("shopper_key", flat=True).get(bids=bid_id)
    if key is None:
        return
    of_bidder = Interaction.objects.filter(shopper_key=key, item_id=sku, event_type=BID)
    recorded = of_bidder.order_by("-occurred_at").first()
    if recorded is not None:
        _record(Shopper(key, recorded.session_id), PURCHASE, placed, sku)


def _sku(variant_id: int) -> str:
    return Variant.objects.values_list("product__sku", flat=True).get(pk=variant_id)
