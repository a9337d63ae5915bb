"""What a shopper bought and kept: never recommended again, whether the purchase came live or by import."""

import time

from recommendations.events import recent
from recommendations.events.schema import PURCHASE, TRADES
from recommendations.models import Interaction

TTL_S = 60.0
MAX_SHOPPERS = 10_000
MAX_PURCHASES = 2_000

_stored: dict[str, tuple[frozenset[str], float]] = {}


def bought_items(shopper_key: str) -> frozenset[str]:
    """The SKUs that the shopper bought and did not give back.

    The last purchases come from the live state, at once; older and imported ones from the store, at most a minute old.
    """
    return _stored_items(shopper_key) | recent.bought(shopper_key)


def forget_bought() -> None:
    """Drop what this process knows of stored purchases; for tests."""
    _stored.clear()


def _stored_items(shopper_key: str) -> frozenset[str]:
    known, read_at = _stored.get(shopper_key, (frozenset(), -TTL_S))
    if time.monotonic() - read_at < TTL_S:
        return known
    trades = Interaction.objects.filter(shopper_key=shopper_key, event_type__in=TRADES)
    latest_first = trades.order_by("-occurred_at").values_list("item_id", "event_type")[:MAX_PURCHASES]
    last_act: dict[str, str] = {}
    for item_id, event_type in latest_first:
        last_act.setdefault(item_id, event_type)
    found = frozenset(item_id for item_id, event_type in last_act.items() if event_type == PURCHASE)
    if len(_stored) >= MAX_SHOPPERS:
        _stored.clear()
    _stored[shopper_key] = (found, time.monotonic())
    return found
