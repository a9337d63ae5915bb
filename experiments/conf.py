"""What the project may set for this app: its clock, and what a request's unit is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

# A change must act in every process within five seconds; two leave room for a slow reload.
SNAPSHOT_MAX_AGE_S = 2.0
# People named on flags, directly or through a group, kept in every process.
MAX_TARGETED = 10_000


@dataclass(frozen=True, slots=True)
class Unit:
    """What is randomised, and the two facts that keep it out of an experiment."""

    key: str
    is_bot: bool = False
    has_consent: bool = True


def now() -> datetime:
    """The project's time, aware: `settings.CLOCK`, a callable or an object with `now()`; else the system's."""
    clock = getattr(settings, "CLOCK", None)
    if clock is None:
        return timezone.now()
    return cast("datetime", getattr(clock, "now", clock)())


def find_unit(request: HttpRequest) -> Unit | None:
    """The request's unit, by `settings.EXPERIMENT_UNIT` (request -> Unit or None) or from `request.shopper`.

    The default reads `shopper_key`, and `is_bot` and `has_consent` where the shopper has them.
    """
    hook = cast("Callable[[HttpRequest], Unit | None] | None", getattr(settings, "EXPERIMENT_UNIT", None))
    if hook is not None:
        return hook(request)
    shopper = getattr(request, "shopper", None)
    key = getattr(shopper, "shopper_key", "")
    if not key:
        return None
    return Unit(
        key=str(key),
        is_bot=bool(getattr(shopper, "is_bot", False)),
        has_consent=bool(getattr(shopper, "has_consent", True)),
    )
