"""The settings this app reads, lazily."""

from datetime import datetime

from django.conf import settings


def now() -> datetime:
    """The world's time, aware, in UTC."""
    moment: datetime = settings.CLOCK.now()
    return moment
