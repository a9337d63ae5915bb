"""Which rotation answers for a recipe or a slot: read once in ten seconds, kept while the database is away."""

import logging
import time
from dataclasses import dataclass

from django.db import DatabaseError

from recommendations.engine.recipes import answers_shoppers
from recommendations.models import Rotation

logger = logging.getLogger(__name__)

READ_TTL_S = 10.0


@dataclass(frozen=True, slots=True)
class KnownRotation:
    """An active rotation, as far as choosing one needs it."""

    key: str
    slot: str
    recipe: str


_known: tuple[tuple[KnownRotation, ...], float] = ((), -READ_TTL_S)


def find_rotation(*, recipe: str = "", slot: str = "") -> str | None:
    """The key of the first active rotation, by key, of this recipe and slot, whose recipe answers a shopper alone.

    Args:
        recipe: Amazon Personalize's name of a recipe; empty for any.
        slot: where it shows; empty for any.

    Returns:
        The key, or None where there is no such rotation.
    """
    for one in active_rotations():
        if recipe in ("", one.recipe) and slot in ("", one.slot) and answers_shoppers(one.recipe):
            return one.key
    return None


def active_rotations() -> tuple[KnownRotation, ...]:
    """The active rotations by key, at most ten seconds old while the database answers."""
    global _known
    held, read_at = _known
    if time.monotonic() - read_at < READ_TTL_S:
        return held
    try:
        rows = Rotation.objects.filter(is_active=True).order_by("key").values_list("key", "slot", "recipe")
        held = tuple(KnownRotation(*row) for row in rows)
    except DatabaseError:
        logger.warning("Rotations are not readable; the last known ones stay.", extra={"code": "rotations_stale"})
    _known = (held, time.monotonic())
    return held


def forget_rotations() -> None:
    """Read them again when next asked."""
    global _known
    _known = ((), -READ_TTL_S)
