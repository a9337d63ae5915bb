"""A variant's Quote, recomputed as the market itself does, under the lock of its book."""

from django.db import transaction
from psycopg.types.numeric import Int8

from catalog import conf, market
from catalog.exceptions import OrderRejected
from catalog.models import Quote, Variant


@transaction.atomic
def refresh_quote(variant_id: int) -> Quote:
    """Write what the variant's book says now.

    Args:
        variant_id: the variant whose bids, asks or trades changed other than by an order.

    Returns:
        The quote as written.

    Raises:
        OrderRejected: the variant is unknown.
    """
    if not Variant.objects.filter(pk=variant_id).exists():
        raise OrderRejected(f"variant_id == {variant_id}: there is no such size.")
    market.ask_market("SELECT market_expire(%s, %s)", (Int8(variant_id), conf.now()))
    return Quote.objects.get(variant_id=variant_id)
