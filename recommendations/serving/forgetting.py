"""Erases what is kept ready of a shopper: last events, trackers' rings, lists and orders. Stored facts stay."""

import logging
from collections.abc import Iterable

from django.db.models import Q
from redis.exceptions import RedisError

from recommendations import conf
from recommendations.adapters.registry import get_backend
from recommendations.events import recent, trackers
from recommendations.events.stream import EventStream
from recommendations.events.streams import open_stream
from recommendations.exceptions import RecommendationsError, ResourceNotFound
from recommendations.models import KeyJoin, LiveErasure
from recommendations.serving import fallback, ranking

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 500
# The groups that would write live state again from events that were on their way.
REBUILDING_GROUPS = ("recent", "trackers")


def forget_shoppers(shopper_keys: Iterable[str]) -> None:
    """Erase the live state of these keys now; what is out of reach, or comes late, `erase_due` erases later.

    Keys that were joined to them are erased too, and are joined no more.

    Args:
        shopper_keys: as cookies and accounts hold them.
    """
    asked = list(shopper_keys)
    joins = KeyJoin.objects.filter(Q(shopper_key__in=asked) | Q(heir_key__in=asked))
    joined = list(joins.filter(heir_key__in=asked).values_list("shopper_key", flat=True))
    joins.delete()
    for shopper_key in dict.fromkeys((*asked, *joined)):
        LiveErasure.objects.update_or_create(shopper_key=shopper_key, defaults={"asked_at": conf.now(), "position": ""})
        try:
            _erase(shopper_key)
        except (RedisError, OSError, RecommendationsError) as error:
            logger.warning("Live state waits to be erased.", extra={"code": "erasure_waits", "error": str(error)})


def erase_due(limit: int = MOST_AT_ONCE) -> int:
    """Erase again what was asked for, once all events that were on their way then have arrived.

    Args:
        limit: how many at most; the oldest first.

    Returns:
        How many are done with. A row is marked with the stream's position first, and done at a later call.
    """
    rows = list(LiveErasure.objects.order_by("asked_at")[:limit])
    if not rows:
        return 0
    n_done = 0
    try:
        stream = open_stream()
        position = stream.position()
        for row in rows:
            n_done += _advance(row, stream, position)
    except (RedisError, OSError, RecommendationsError) as error:
        logger.warning("Live state waits to be erased.", extra={"code": "erasure_waits", "error": str(error)})
    return n_done


def _advance(row: LiveErasure, stream: EventStream, position: str) -> bool:
    # Asked again meanwhile, the row begins again: it is changed only as it was read.
    same = LiveErasure.objects.filter(pk=row.pk, asked_at=row.asked_at)
    _erase(row.shopper_key)
    if not row.position:
        same.update(position=position)
        return False
    if not all(stream.has_passed(group, row.position) for group in (*REBUILDING_GROUPS, *conf.event_groups())):
        return False
    # Once more, for what a group wrote between the erasure above and the look at how far it is.
    _erase(row.shopper_key)
    return bool(same.delete()[0])


def _erase(shopper_key: str) -> None:
    recent.forget(shopper_key)
    for tracker in trackers.read_trackers():
        try:
            get_backend(tracker.backend).events.forget_user(tracker.tracking_id, user_id=shopper_key)
        except ResourceNotFound:
            # A tracker that is torn down takes its rings along.
            continue
    fallback.forget_good(shopper_key)
    ranking.forget_order(shopper_key)
