"""The lists that are no recommender's: popular, trending, new, lately viewed; only what can be bought."""

import time
from collections.abc import Collection

from recommendations import items, shared_lists
from recommendations.serving.fallback import Rung
from recommendations.serving.filters import keep
from recommendations.serving.recommend import Served
from storefront.page_view import PageView

CARDS_PER_ROW = 12
# So many of the last looks have a row of their own and stand in no other.
KEPT_FOR_RECENTLY_VIEWED = 3
NEW_RELEASES_TTL_S = 30.0
# As many as the longest list may want, and those above it on the page may withhold.
N_NEWEST = 100

_newest: tuple[list[str], float] = ([], -NEW_RELEASES_TTL_S)


def shared(key: str, shown: Collection[str], *, k: int = CARDS_PER_ROW) -> Served:
    """A list for everybody, topped up from the most popular and the newest where too few of it can be bought.

    Args:
        key: `shared_lists.MOST_POPULAR` or `shared_lists.TRENDING`.
        shown: what the page shows elsewhere.
        k: how many items are wanted.
    """
    chosen = _keep(shared_lists.read(key), shown, k)
    if len(chosen) == k:
        return Served(tuple(chosen), Rung.POPULAR)
    topped_up = _keep([*chosen, *shared_lists.read(shared_lists.MOST_POPULAR), *_newest_item_ids()], shown, k)
    return Served(tuple(topped_up), Rung.POPULAR if chosen else Rung.CATALOGUE)


def new_releases(shown: Collection[str], *, k: int = CARDS_PER_ROW) -> Served:
    """The newest products."""
    return Served(tuple(_keep(_newest_item_ids(), shown, k)), Rung.CATALOGUE)


def viewed(view: PageView) -> list[str]:
    """What the shopper looked at lately and could buy now, latest first; nothing that they hid."""
    looks = [event.item_id for event in view.recent_events if event.event_type == "product_view"]
    return _keep(looks, view.hidden, CARDS_PER_ROW)


def recently_viewed(looks: list[str], shown: Collection[str]) -> Served:
    """The looks that the page does not show elsewhere."""
    return Served(tuple(_keep(looks, shown, CARDS_PER_ROW)), Rung.PERSONAL)


def forget_newest() -> None:
    """Drop the kept list of new releases; for tests."""
    global _newest
    _newest = ([], -NEW_RELEASES_TTL_S)


def _keep(candidates: list[str], shown: Collection[str], k: int) -> list[str]:
    return keep(candidates, k=k, available=items.available_among(candidates), withheld=shown)


def _newest_item_ids() -> list[str]:
    global _newest
    held, read_at = _newest
    if held and time.monotonic() - read_at < NEW_RELEASES_TTL_S:
        return held
    fresh = items.newest_item_ids(N_NEWEST)
    _newest = (fresh, time.monotonic())
    return fresh
