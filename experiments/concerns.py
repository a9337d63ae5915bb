"""PURE what speaks against going on with a ramp: how grave it is, in words, and with its figures."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum


class Gravity(IntEnum):
    """What a concern asks for; the gravest of all decides."""

    # No step follows while it lasts; it passes by itself.
    WAIT = 1
    # No step follows before a person resumes.
    HOLD = 2
    # Nobody is to see the feature any more.
    ROLL_BACK = 3


@dataclass(frozen=True, slots=True)
class Concern:
    """One reason against going on: `message` holds the figure and its limit for the record, `facts` for machines."""

    code: str
    gravity: Gravity
    message: str
    facts: Mapping[str, str | int | float] = field(default_factory=dict)


def find_gravest(concerns: list[Concern]) -> Concern | None:
    """The gravest concern, the first of equals; None where there is none."""
    return max(concerns, key=lambda concern: concern.gravity, default=None)
