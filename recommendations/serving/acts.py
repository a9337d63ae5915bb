"""What a shopper did with an item, at its most telling: the word that an explanation may use."""

import time
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress

from recommendations.events.recent import RecentEvent
from recommendations.models import Interaction

# From what says least to what says most; a click is a look.
TELLING = ("product_view", "watch", "ask", "bid", "purchase")
LOOKS = frozenset({"product_view", "row_click", "search_click"})
STORED_TTL_S = 600.0
MAX_SHOPPERS = 5_000

# Shopper key -> item -> its act ("" for none), and when that shopper's were first read.
_stored: OrderedDict[str, tuple[dict[str, str], float]] = OrderedDict()


def telling_acts(shopper_key: str, item_ids: Iterable[str], recent_events: Iterable[RecentEvent]) -> Mapping[str, str]:
    """The most telling thing that the shopper did with each item, where they did any.

    A purchase that was given back, and an item that is hidden, tell nothing that one would like to be reminded of.

    Args:
        shopper_key: whose.
        item_ids: the items in question.
        recent_events: what the shopper did last; items that are not in it are looked up in the store, at most one
            query for a shopper's page, and none for ten minutes after.

    Returns:
        Item -> one of `TELLING`; items that the shopper did nothing with are not in it.
    """
    wanted = set(item_ids)
    recent: dict[str, set[str]] = {}
    for event in recent_events:
        if event.item_id in wanted:
            recent.setdefault(event.item_id, set()).add(event.event_type)
    found = {item_id: _strongest(acts) for item_id, acts in recent.items()}
    found |= _stored_acts(shopper_key, wanted - set(found))
    return {item_id: act for item_id, act in found.items() if act}


def forget_acts() -> None:
    """Drop what this process read; for tests."""
    _stored.clear()


def _strongest(acts: set[str]) -> str:
    if "hide" in acts:
        return ""
    known = {"product_view" if act in LOOKS else act for act in acts}
    if "return" in acts:
        known -= {"purchase"}
    return next((act for act in reversed(TELLING) if act in known), "")


def _stored_acts(shopper_key: str, item_ids: Collection[str]) -> dict[str, str]:
    known, read_at = _stored.get(shopper_key, ({}, time.monotonic()))
    if time.monotonic() - read_at > STORED_TTL_S:
        known, read_at = {}, time.monotonic()
    missing = [item_id for item_id in item_ids if item_id not in known]
    if missing:
        rows = Interaction.objects.filter(shopper_key=shopper_key, item_id__in=missing)
        acts: dict[str, set[str]] = {item_id: set() for item_id in missing}
        for item_id, event_type in rows.values_list("item_id", "event_type").distinct():
            acts[item_id].add(event_type)
        known = {**known, **{item_id: _strongest(done) for item_id, done in acts.items()}}
        _stored.pop(shopper_key, None)
        _stored[shopper_key] = (known, read_at)
        if len(_stored) > MAX_SHOPPERS:
            with suppress(KeyError):  # Another thread was first.
                _stored.popitem(last=False)
    return {item_id: known[item_id] for item_id in item_ids}
