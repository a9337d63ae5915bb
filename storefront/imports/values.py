"""Numbers and times as files write them."""

import math
import re
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

from storefront.imports.faults import BadValue

# Anything outside is a mistake, would make a partition a month, and is no time that the world's clock can tell.
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
MAX_CENTS = 2_147_483_647
MISSING = frozenset({"", "null", "none"})
# Python's own constructors also take underscores, digits of every script and exponents beyond all memory.
NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
EPOCH_S = re.compile(r"[+-]?[0-9]{1,11}")
EPOCH_MS = re.compile(r"[0-9]{12,}")
TIME_FIX = "Write it as 1291191960 or 2010-12-01T08:26:00Z."


def moment(value: str, *, latest: datetime | None = None) -> datetime:
    """A time: epoch seconds, as Personalize has it, or ISO 8601 (UTC unless it says otherwise).

    Raises:
        BadValue: it is neither, in milliseconds, outside the years 2000 to 2099, or after `latest`.
    """
    found = datetime.fromtimestamp(int(value), UTC) if EPOCH_S.fullmatch(value) else _iso(value)
    if found < EARLIEST:
        raise BadValue("time too early", "a time after 1 January 2000", "Correct it, or leave the row out.")
    if latest is not None and found > latest:
        raise BadValue(
            "time in the future",
            f"a time before this world's now, {latest:%Y-%m-%dT%H:%M:%SZ}",
            "Correct it; or let --set-clock move the world's now behind the data's end.",
        )
    if found >= LATEST:
        raise BadValue("time too late", "a time before 1 January 2100", "Correct it, or leave the row out.")
    return found


def _iso(value: str) -> datetime:
    if EPOCH_MS.fullmatch(value):
        raise BadValue("time in milliseconds", "epoch seconds", f"Divide by 1000: {value[:-3]}.")
    try:
        found = datetime.fromisoformat(value if value.isascii() else "")
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadValue("not a time", "epoch seconds or ISO 8601", TIME_FIX) from None


def number(value: str) -> float | None:
    """A finite number; None for an empty value.

    Raises:
        BadValue: it is none.
    """
    if value.lower() in MISSING:
        return None
    found = float(value) if NUMBER.fullmatch(value) else math.nan
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
    if not NUMBER.fullmatch(value):
        raise BadValue("not a price", "a price such as 2.55", "Correct it, or leave it empty: not for sale.")
    cents = (Decimal(value) * 100).to_integral_value(ROUND_HALF_UP)
    if not 0 <= cents <= MAX_CENTS:
        raise BadValue(
            "price out of range",
            f"0 to {MAX_CENTS / 100:,.2f}",
            "Correct it, or name the item in --exclude-names if it is a fee.",
        )
    return int(cents) or None
