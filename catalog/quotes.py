"""Recomputes a variant's Quote inside the transaction that changed its book."""

from django.db.models import Min

from catalog import conf
from catalog.models import Ask, Quote, Trade


def refresh_quote(variant_id: int) -> Quote:
    """Write what the variant's book says now.

    Call it inside the transaction that holds the variant's lock: two writers would else each miss the other's change.

    Args:
        variant_id: the variant whose asks or trades changed.

    Returns:
        The quote as written. The highest bid is kept as it was.
    """
    now = conf.now()
    lowest = Ask.objects.open_for(variant_id, at=now).aggregate(lowest=Min("price_cents"))["lowest"]
    last = Trade.objects.filter(variant_id=variant_id).order_by("-traded_at", "-id").first()
    quote, _ = Quote.objects.update_or_create(
        variant_id=variant_id,
        defaults={
            "lowest_ask_cents": lowest,
            "last_sale_cents": last.price_cents if last else None,
            "updated_at": now,
        },
    )
    return quote
