"""The settings this app reads, lazily."""

from datetime import datetime

from django.conf import settings

from catalog.fees import FeeTable


def now() -> datetime:
    """The world's time, aware, in UTC."""
    moment: datetime = settings.CLOCK.now()
    return moment


def fees() -> FeeTable:
    """What buyer and seller pay beside the price, from now on; orders keep the amounts that they were made with."""
    table: FeeTable = settings.FEES
    return table


def payment_provider() -> str:
    """The name of the provider that payments go through, as `payments/registry.py` lists them."""
    name: str = settings.PAYMENT_PROVIDER
    return name
