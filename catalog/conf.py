"""The settings this app reads, lazily."""

from datetime import datetime

from django.conf import settings

# What the shop earns of a sale, until sellers have a table of fees.
FEE_SHARE = 0.1


def now() -> datetime:
    """The world's time, aware, in UTC."""
    moment: datetime = settings.CLOCK.now()
    return moment
