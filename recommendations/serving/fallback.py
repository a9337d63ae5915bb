"""The ladder under a personal list: last good list, most popular, catalogue; none of them can fail a page."""

import logging
from collections.abc import Iterator
from enum import StrEnum

from django.core.cache import cache

from recommendations import items, shared_lists
from recommendations.models import Rotation

logger = logging.getLogger(__name__)

LAST_GOOD_FOR_S = 24 * 3600


class Rung(StrEnum):
    """Where the items of an answer came from, best first."""

    PERSONAL = "personal"
    LAST_GOOD = "last_good"
    POPULAR = "popular"
    CATALOGUE = "catalogue"


def remember_good(rotation: str, shopper_key: str, item_ids: tuple[str, ...]) -> None:
    """Keep a personal list for a day, to serve when the recommender cannot answer."""
    cache.set(_key(rotation, shopper_key), item_ids, LAST_GOOD_FOR_S)


def forget_good(shopper_key: str) -> None:
    """Drop the shopper's kept lists of every rotation; a cache out of reach drops them by itself within a day."""
    cache.delete_many([_key(rotation, shopper_key) for rotation in Rotation.objects.values_list("key", flat=True)])


def rungs_below_personal(rotation: str, shopper_key: str, limit: int) -> Iterator[tuple[Rung, list[str]]]:
    """Each lower rung with its candidates, computed only when it is reached."""
    yield Rung.LAST_GOOD, list(cache.get(_key(rotation, shopper_key)) or ())
    yield Rung.POPULAR, shared_lists.read(shared_lists.MOST_POPULAR)
    yield Rung.CATALOGUE, items.newest_item_ids(limit)


def _key(rotation: str, shopper_key: str) -> str:
    return f"last-good:{rotation}:{shopper_key}"
