"""Single fields of the stream's records: how they are written, and what makes one unusable."""

import math
from datetime import datetime, timedelta
from uuid import UUID

from recommendations.events import ids
from recommendations.exceptions import InvalidInput

MICROSECOND = timedelta(microseconds=1)
MAX_PHASE_ID = 2**63 - 1
MAX_ATTRIBUTES = 10


class MalformedRecord(InvalidInput):
    """A record that no reader can use; `reason` is the counter it adds to."""

    code = "malformed_record"

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def text(name: str, value: str, limit: int, *, may_be_empty: bool = False) -> str:
    """The text as it is, printable and of at most `limit` characters."""
    # What is not printable (NUL, lone surrogates) PostgreSQL would refuse together with its whole batch.
    if not value.isprintable() or len(value) > limit or not (value or may_be_empty):
        raise MalformedRecord("malformed", f"{name} must be printable and of 1 to {limit} characters.")
    return value


def uuid7(value: str) -> UUID:
    """An id that carries a time that a calendar knows."""
    identifier = UUID(value)
    if identifier.version != 7:
        raise MalformedRecord("malformed", f"{value!r} is no UUIDv7.")
    ids.time_of(identifier)
    return identifier


def integer(name: str, value: int, low: int, high: int) -> int:
    """A whole number, low and high included."""
    if not low <= value <= high or int(value) != value:
        raise MalformedRecord("malformed", f"{name} == {value}, must be a whole number, {low}..{high}.")
    return int(value)


def phase_id(value: int | None) -> int | None:
    """A phase's key, or None."""
    return None if value is None else integer("phase_id", value, 1, MAX_PHASE_ID)


def duration_ms(name: str, value: float) -> float:
    """Milliseconds, finite and not negative."""
    if not (math.isfinite(value) and value >= 0):
        raise MalformedRecord("malformed", f"{name} == {value}, must be finite and >= 0.")
    return float(value)


def flag(name: str, value: object) -> bool:
    """True or false, nothing that merely passes for it."""
    if not isinstance(value, bool):
        raise MalformedRecord("malformed", f"{name} == {value!r}, must be true or false.")
    return value


def attributes(values: object) -> dict[str, str]:
    """At most ten short names with short values."""
    if not isinstance(values, dict) or len(values) > MAX_ATTRIBUTES:
        raise MalformedRecord("malformed", f"attributes must be an object of at most {MAX_ATTRIBUTES} texts.")
    return {text("attributes", name, 40): text(f"attributes.{name}", value, 64) for name, value in values.items()}


def microseconds(moment: datetime) -> int:
    """An aware moment as the wire carries it."""
    return (moment - ids.EPOCH) // MICROSECOND


def moment(value: int) -> datetime:
    """The aware moment, in UTC, of the wire's microseconds."""
    return ids.EPOCH + timedelta(microseconds=value)
