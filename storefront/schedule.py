"""Every beat entry in one table, each with its reason."""

from typing import TypedDict


class Entry(TypedDict):
    task: str
    schedule: float


BEAT_SCHEDULE: dict[str, Entry] = {
    # Pages read these lists as they are; a minute is how stale "trending now" may be.
    "refresh-shared-lists": {"task": "recommendations.tasks.refresh_shared_lists", "schedule": 60.0},
    # A month must have its partitions before its first event; hourly leaves weeks of slack.
    "make-partitions": {"task": "recommendations.tasks.make_partitions", "schedule": 3600.0},
}
