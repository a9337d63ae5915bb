"""Who gets which variation and why: one decision, from memory, the same in every process."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.http import HttpRequest

from experiments.bucketing import choose_variation, is_enrolled
from experiments.conf import Unit, find_unit
from experiments.snapshot import get_snapshot
from experiments.states import NO_PAYLOAD, ExperimentValue, FlagState, PhaseState, VariationState

CONTROL = "control"
NOBODY = Unit(key="")


class Reason(StrEnum):
    """Why a unit got its variation. Only `IN_PHASE` is analysed."""

    OFF = "off"
    SHIPPED = "shipped"
    NO_UNIT = "no_unit"
    BOT = "bot"
    NO_CONSENT = "no_consent"
    FORCED = "forced"
    TARGETED = "targeted"
    EXEMPT = "exempt"
    IN_PHASE = "in_phase"


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a unit gets: `phase` is the number of the phase that decided, None where none did."""

    experiment: str
    phase: int | None
    variation: str
    payload: Mapping[str, Any]
    reason: Reason
    is_control: bool = True
    phase_id: int | None = None

    @property
    def is_analysed(self) -> bool:
        """Whether an exposure to it counts in the results."""
        return self.reason is Reason.IN_PHASE


@dataclass(frozen=True, slots=True)
class Forced:
    """A variation that everybody gets, whatever flag and phase say."""

    variation: str
    payload: Mapping[str, Any] | None = None


# Written by testutils alone; empty in production.
FORCED: dict[str, Forced] = {}


def assign(
    experiment_key: str, unit: str, *, user: Any = None, is_bot: bool = False, has_consent: bool = True
) -> Assignment:
    """Decide what a unit gets. Pure on the process's snapshot: no network, no cookie, no draw.

    The first of these decides: forced by a test; flag off, no experiment or no open phase (`off`); flag on for
    everyone (`shipped`); a bot; no consent; named on the flag (`targeted`); no unit; not included (`exempt`); the
    open phase (`in_phase`). All but `shipped`, `targeted`, `forced` and `in_phase` give control.

    Args:
        experiment_key: The experiment's key; an unknown one is off.
        unit: What is randomised, for example the shopper's key. The same text always gets the same answer.
        user: The signed-in user, looked at only where the flag names people.
        is_bot: A crawler or a prefetch.
        has_consent: Whether this unit may be tracked.

    Returns:
        The assignment; its payload is the variation's and must not be changed.
    """
    flag = get_snapshot().experiments.get(experiment_key)
    experiment = flag.experiment if flag is not None else None
    if FORCED and experiment_key in FORCED:
        return _force(experiment_key, experiment, FORCED[experiment_key])
    if flag is None or experiment is None:
        return Assignment(experiment_key, None, CONTROL, NO_PAYLOAD, Reason.OFF)
    subject = Unit(unit, is_bot=is_bot, has_consent=has_consent)
    variation, reason, phase = _decide(flag, experiment, subject, user)
    return Assignment(
        experiment=experiment_key,
        phase=phase.number if phase is not None else None,
        variation=variation.key,
        payload=variation.payload,
        reason=reason,
        is_control=variation.is_control,
        phase_id=phase.id if phase is not None else None,
    )


def is_on(flag_name: str, request: HttpRequest) -> bool:
    """Whether the request's unit gets anything but control; for a flag without experiment, whether it is on.

    Args:
        flag_name: waffle's name of the flag; an unknown one is off.
        request: Its unit is found by `settings.EXPERIMENT_UNIT`, or from `request.shopper`.
    """
    flag = get_snapshot().flags.get(flag_name)
    if flag is None:
        return False
    user = getattr(request, "user", None)
    if flag.experiment is None:
        return bool(flag.everyone) if flag.everyone is not None else is_targeted(flag, user)
    unit = find_unit(request) or NOBODY
    found = assign(flag.experiment.key, unit.key, user=user, is_bot=unit.is_bot, has_consent=unit.has_consent)
    return not found.is_control


def is_on_for_user(flag_name: str, user: Any) -> bool | None:
    """Whether this user sees the feature by the flag alone; None where only a unit and the open phase can tell."""
    flag = get_snapshot().flags.get(flag_name)
    if flag is None or flag.everyone is not None:
        return flag is not None and flag.everyone
    return True if is_targeted(flag, user) else None


def is_targeted(flag: FlagState, user: Any) -> bool:
    """Whether the flag names this user, or their standing."""
    if user is None or not flag.has_targets:
        return False
    return (
        user.pk in flag.user_ids
        or (flag.is_for_authenticated and user.is_authenticated)
        or (flag.is_for_staff and getattr(user, "is_staff", False))
        or (flag.is_for_superusers and getattr(user, "is_superuser", False))
    )


def _decide(
    flag: FlagState, experiment: ExperimentValue, unit: Unit, user: Any
) -> tuple[VariationState, Reason, PhaseState | None]:
    if flag.everyone:
        return experiment.featured, Reason.SHIPPED, None
    phase = experiment.phase
    if flag.everyone is False or phase is None:
        return experiment.control, Reason.OFF, None
    barred = _find_bar(unit)
    if barred is not None:
        return experiment.control, barred, None
    if is_targeted(flag, user):
        return experiment.featured, Reason.TARGETED, None
    if not unit.key:
        return experiment.control, Reason.NO_UNIT, None
    if not is_enrolled(phase.salt, unit.key, phase.coverage_bp):
        return experiment.control, Reason.EXEMPT, phase
    key = choose_variation(phase.salt, unit.key, phase.weights_bp)
    return experiment.variations[key], Reason.IN_PHASE, phase


def _find_bar(unit: Unit) -> Reason | None:
    """What keeps this unit out of any experiment."""
    if unit.is_bot:
        return Reason.BOT
    return None if unit.has_consent else Reason.NO_CONSENT


def _force(key: str, experiment: ExperimentValue | None, forced: Forced) -> Assignment:
    known = experiment.variations.get(forced.variation) if experiment is not None else None
    if experiment is not None and known is None:
        raise ValueError(
            f"{key!r} has no variation {forced.variation!r}. Force one of {sorted(experiment.variations)}."
        )
    payload = forced.payload if forced.payload is not None else (known.payload if known else NO_PAYLOAD)
    is_control = known.is_control if known else forced.variation == CONTROL
    return Assignment(key, None, forced.variation, payload, Reason.FORCED, is_control=is_control)
