"""Where imported data ends, the world's time begins: windows of days then cover the data."""

from datetime import datetime, timedelta

from django.db.models import Max

from recommendations.events.partitions import ensure_current
from recommendations.models import Interaction
from storefront.clock import Clock

JUST_AFTER = timedelta(minutes=1)
# Younger data is live: its shop's now is everybody's.
OLD_AFTER = timedelta(days=1)


def follow_data(clock: Clock, newest_at: datetime | None, *, wanted: bool | None) -> str:
    """Set the world's now just after the newest interaction, and say so; "" where the clock stays.

    Args:
        clock: the world's clock.
        newest_at: the newest interaction of the file.
        wanted: True or False as the owner said; None to set it where nobody has and the data is over a day old.
    """
    if newest_at is None or wanted is False:
        return ""
    if wanted is None and (clock.is_set() or clock.now() - newest_at < OLD_AFTER):
        return ""
    stored = Interaction.objects.aggregate(newest=Max("occurred_at"))["newest"]
    now = max(newest_at, stored or newest_at) + JUST_AFTER
    clock.set(now)
    ensure_current()
    return (
        f"The world's now is {now:%Y-%m-%d %H:%M} UTC, just after the newest of what was imported, and runs on from "
        "there (manage.py set_clock changes it)."
    )
