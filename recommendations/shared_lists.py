"""Lists for everybody, most popular and trending: recomputed each minute beside the pages, read from memory by them."""

import time
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from recommendations import conf
from recommendations.events.ids import floor_for
from recommendations.models import SharedList

MOST_POPULAR = "most-popular"
TRENDING = "trending"
KEPT_ITEMS = 200
READ_TTL_S = 10.0

POPULAR_WINDOW = timedelta(days=30)
HALF_LIFE_S = 7 * 86_400.0
TREND_RECENT = timedelta(days=1)
TREND_BASE = timedelta(days=8)
# How many recent shoppers' worth of doubt a ratio starts with, so that one view of a quiet item is no trend.
TREND_DOUBT = 5.0

# Each shopper counts once an item, at the time of the last act: clicks of one eager person make nothing popular.
_POPULAR_SQL = """
    SELECT item_id, sum(power(0.5, extract(epoch FROM %(now)s - last_at) / %(half_life_s)s)) AS score
    FROM (
        SELECT item_id, shopper_key, max(occurred_at) AS last_at
        FROM recommendations_interaction
        WHERE event_id >= %(floor)s AND occurred_at > %(since)s AND event_type NOT IN ('hide', 'return')
        GROUP BY item_id, shopper_key
    ) AS per_shopper
    GROUP BY item_id ORDER BY score DESC, item_id LIMIT %(limit)s
"""

_TRENDING_SQL = """
    SELECT item_id,
           count(DISTINCT shopper_key) FILTER (WHERE occurred_at > %(recent)s)
           / (count(DISTINCT shopper_key) FILTER (WHERE occurred_at <= %(recent)s) / %(base_days)s + %(doubt)s) AS score
    FROM recommendations_interaction
    WHERE event_id >= %(floor)s AND occurred_at > %(since)s AND event_type NOT IN ('hide', 'return')
    GROUP BY item_id
    HAVING count(DISTINCT shopper_key) FILTER (WHERE occurred_at > %(recent)s) > 0
    ORDER BY score DESC, item_id LIMIT %(limit)s
"""

_read: dict[str, tuple[list[str], float]] = {}


def read(key: str) -> list[str]:
    """The list's SKUs, best first; at most ten seconds behind its row, empty before the first refresh."""
    held = _read.get(key)
    if held is not None and time.monotonic() - held[1] < READ_TTL_S:
        return held[0]
    row = SharedList.objects.filter(key=key).values_list("item_ids", flat=True).first()
    item_ids = list(row or ())
    _read[key] = (item_ids, time.monotonic())
    return item_ids


def refresh() -> dict[str, int]:
    """Recompute every shared list. A list that would come out empty keeps what it held.

    Returns:
        How many items each list got.
    """
    now = conf.now()
    lists = {
        MOST_POPULAR: _ranked(
            _POPULAR_SQL,
            now=now,
            half_life_s=HALF_LIFE_S,
            since=now - POPULAR_WINDOW,
            floor=floor_for(now - POPULAR_WINDOW),
        ),
        TRENDING: _ranked(
            _TRENDING_SQL,
            recent=now - TREND_RECENT,
            since=now - TREND_BASE,
            floor=floor_for(now - TREND_BASE),
            base_days=(TREND_BASE - TREND_RECENT).days,
            doubt=TREND_DOUBT,
        ),
    }
    for key, item_ids in lists.items():
        if item_ids:
            SharedList.objects.update_or_create(key=key, defaults={"item_ids": item_ids, "computed_at": now})
    _read.clear()
    return {key: len(item_ids) for key, item_ids in lists.items()}


def forget() -> None:
    """Drop what this process read; for tests."""
    _read.clear()


def _ranked(sql: str, **parameters: float | datetime | UUID) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {**parameters, "limit": KEPT_ITEMS})
        return [item_id for item_id, _ in cursor.fetchall()]
