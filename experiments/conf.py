"""What the project may set for this app: its clock, and what a request's unit is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

# A change must act in every process within five seconds; two leave room for a slow reload.
SNAPSHOT_MAX_AGE_S = 2.0
# People named on flags, directly or through a group, kept in every process.
MAX_TARGETED = 10_000
# Facts older than so many seconds of the project's time are not waited for, and stop a ramp while they are missing.
MAX_EVENT_LAG_S = 900.0
# Absolute, since control has no such row to compare with: see `row_limits`.
DEFAULT_ROW_LIMITS = {"error_share": 0.015, "fallback_share": 0.2, "p95_ms": 250.0}


@dataclass(frozen=True, slots=True)
class Unit:
    """What is randomised, the two facts that keep it out of any experiment, and those that rules look at."""

    key: str
    is_bot: bool = False
    has_consent: bool = True
    attributes: Mapping[str, str] = field(default_factory=dict)


def now() -> datetime:
    """The project's time, aware: `settings.CLOCK`, a callable or an object with `now()`; else the system's."""
    clock = getattr(settings, "CLOCK", None)
    if clock is None:
        return timezone.now()
    return cast("datetime", getattr(clock, "now", clock)())


def known_attributes() -> Mapping[str, Sequence[str]]:
    """`settings.EXPERIMENT_ATTRIBUTES`: what the project knows of a unit at its exposure, and its values.

    Results are told apart by these; which of them may decide who takes part is `eligibility_attributes`.
    """
    return cast("Mapping[str, Sequence[str]]", getattr(settings, "EXPERIMENT_ATTRIBUTES", {}))


def eligibility_attributes() -> Mapping[str, Sequence[str]] | None:
    """What rules may look at: the attributes that `settings.EXPERIMENT_ELIGIBILITY` names, all where it is not set.

    Name only what nothing on the page can change, such as the device. A fact that the shopper's own clicks move, such
    as whether they came before, would let them in and out again, and in one variation more often than in another.

    Returns:
        The attributes with their values; None where the project names no attributes, so that rules may name anything.
    """
    known = known_attributes()
    if not known:
        return None
    names = getattr(settings, "EXPERIMENT_ELIGIBILITY", known)
    return {name: values for name, values in known.items() if name in names}


def find_unit(request: HttpRequest) -> Unit | None:
    """The request's unit, by `settings.EXPERIMENT_UNIT` (request -> Unit or None) or from `request.shopper`.

    The default reads `shopper_key`, and `is_bot`, `has_consent` and `attributes` where the shopper has them.
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
        attributes=getattr(shopper, "attributes", None) or {},
    )


def row_limits() -> tuple[float, float, float]:
    """Limits of the row that an experiment is about, unless its plan sets others: `EXPERIMENT_ROW_LIMITS`.

    Returns:
        Highest share of failed lists (0..1), highest share of lists that a fallback gave (0..1), and the highest 95th
        percentile of the time a list takes, in milliseconds.
    """
    stored = {**DEFAULT_ROW_LIMITS, **getattr(settings, "EXPERIMENT_ROW_LIMITS", {})}
    return stored["error_share"], stored["fallback_share"], stored["p95_ms"]


def exposure_sink() -> str:
    """`settings.EXPOSURE_SINK`: the dotted path of what takes exposures on their way; by default they are inserted."""
    return cast("str", getattr(settings, "EXPOSURE_SINK", "experiments.exposures.insert_now"))


def traffic_facts() -> Sequence[str]:
    """`settings.EXPERIMENT_TRAFFIC_FACTS`: facts by which a unit comes; the metric's own where not set."""
    return cast("Sequence[str]", getattr(settings, "EXPERIMENT_TRAFFIC_FACTS", ()))


def funnel_metrics() -> Mapping[str, Mapping[str, str]]:
    """`settings.EXPERIMENT_FUNNEL`: rows of the page, and of each its steps: a word and the key of the ratio behind it.

    Where it is not set, every ratio that is a share is a row of one step.
    """
    return cast("Mapping[str, Mapping[str, str]]", getattr(settings, "EXPERIMENT_FUNNEL", {}))


def metric_source() -> str:
    """`settings.EXPERIMENT_METRIC_SOURCE`: the dotted path of the project's `sources.MetricSource`; "" for none."""
    return cast("str", getattr(settings, "EXPERIMENT_METRIC_SOURCE", ""))
