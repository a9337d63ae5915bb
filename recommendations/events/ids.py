"""UUIDv7: ids that carry their time, drawn at random or derived from what they stand for."""

import hashlib
import os
from datetime import UTC, datetime, timedelta
from uuid import UUID

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MILLISECOND = timedelta(milliseconds=1)
# Version 7 and the RFC's variant, in place; the 74 bits between them are free.
FIXED_BITS = (0x7 << 76) | (0b10 << 62)
FREE_MASK = (0xFFF << 64) | ((1 << 62) - 1)


def uuid7(now: datetime) -> UUID:
    """A fresh id of this moment, with 74 random bits.

    Source: RFC 9562, section 5.7.
    """
    return _assembled(now, int.from_bytes(os.urandom(10), "big"))


def derived(moment: datetime, *parts: str) -> UUID:
    """The one id that belongs to these parts at this moment, so that a repeated fact has a repeated id.

    Args:
        moment: aware; its millisecond becomes the id's time.
        parts: what the fact is made of; hashed to 74 bits.
    """
    digest = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=10).digest()
    return _assembled(moment, int.from_bytes(digest, "big"))


def time_of(identifier: UUID) -> datetime:
    """The millisecond an id carries, aware, in UTC.

    Raises:
        OverflowError: the id's time lies beyond the year 9999, so it is not one of ours.
    """
    return EPOCH + timedelta(milliseconds=identifier.int >> 80)


def floor_for(moment: datetime) -> UUID:
    """The smallest value that sorts at this moment: a bound for ranges and partitions, never an id itself."""
    return UUID(int=_milliseconds(moment) << 80)


def _milliseconds(moment: datetime) -> int:
    return (moment - EPOCH) // MILLISECOND


def _assembled(moment: datetime, free: int) -> UUID:
    return UUID(int=_milliseconds(moment) << 80 | FIXED_BITS | _spread(free))


def _spread(free: int) -> int:
    """80 bits laid over the id's low half; the six under version and variant fall away."""
    return free & FREE_MASK
