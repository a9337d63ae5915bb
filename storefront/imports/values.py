"""Numbers and times as files write them."""

import math
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from storefront.imports.faults import BadValue

EARLIEST_S = 946_684_800  # 1 January 2000; anything before is a mistake, and would make a partition a month.
MAX_CENTS = 2_147_483_647
MISSING = frozenset({"", "null", "none", "nan"})
TIME_FIX = "Write it as 1291191960 or 2010-12-01T08:26:00Z."


def moment(value: str, *, latest: datetime | None = None) -> datetime:
    """A time: epoch seconds, as Personalize has it, or ISO 8601 (UTC unless it says otherwise).

    Raises:
        BadValue: it is neither, in milliseconds, before the year 2000, or after `latest`.
    """
    try:
        found = datetime.fromtimestamp(int(value), UTC)
    except (ValueError, OverflowError, OSError):
        found = _iso(value)
    if found.timestamp() < EARLIEST_S:
        raise BadValue("time too early", "a time after 1 January 2000", "Correct it, or leave the row out.")
    if latest is not None and found > latest:
        raise BadValue(
            "time in the future",
            f"a time before this world's now, {latest:%Y-%m-%dT%H:%M:%SZ}",
            "Correct it; or let --set-clock move the world's now behind the data's end.",
        )
    return found


def _iso(value: str) -> datetime:
    if value.isascii() and value.isdigit() and len(value) > 11:
        raise BadValue("time in milliseconds", "epoch seconds", f"Divide by 1000: {value[:-3]}.")
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise BadValue("not a time", "epoch seconds or ISO 8601", TIME_FIX) from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def number(value: str) -> float | None:
    """A finite number; None for an empty value.

    Raises:
        BadValue: it is none.
    """
    if value.lower() in MISSING:
        return None
    try:
        found = float(value)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise BadValue("not a number", "a number such as 2.55, or nothing", "Correct it, or leave it empty.")
    return found


def price_cents(value: str) -> int | None:
    """A price in minor units, half a unit rounded up; None where there is none: empty or 0.

    Raises:
        BadValue: it is no number, negative, or beyond what the shop can count.
    """
    if value.lower() in MISSING:
        return None
    try:
        price = Decimal(value)
    except InvalidOperation:
        raise BadValue("not a price", "a price such as 2.55", "Correct it, or leave it empty: not for sale.") from None
    cents = (price * 100).to_integral_value(ROUND_HALF_UP) if price.is_finite() else Decimal(-1)
    if not 0 <= cents <= MAX_CENTS:
        raise BadValue(
            "price out of range",
            f"0 to {MAX_CENTS / 100:,.2f}",
            "Correct it, or name the item in --exclude-names if it is a fee.",
        )
    return int(cents) or None
