"""Who gets which variation and why: one decision, from memory, the same in every process."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from django.http import HttpRequest

from experiments.bucketing import choose_variation, is_enrolled, is_held_out, is_in_slots
from experiments.conf import Unit, find_unit
from experiments.eligibility import is_eligible
from experiments.overrides import find_forced
from experiments.snapshot import get_snapshot
from experiments.states import NO_PAYLOAD, ExperimentValue, FlagState, PhaseState, Snapshot, VariationState

CONTROL = "control"
NOBODY = Unit(key="")
NO_ATTRIBUTES: Mapping[str, str] = MappingProxyType({})


class Reason(StrEnum):
    """Why a unit got its variation, in the order of deciding. Only `IN_PHASE` is analysed."""

    OFF = "off"
    SHIPPED = "shipped"
    BOT = "bot"
    NO_CONSENT = "no_consent"
    FORCED = "forced"
    TARGETED = "targeted"
    NO_UNIT = "no_unit"
    INELIGIBLE = "ineligible"
    HOLDOUT = "holdout"
    EXEMPT = "exempt"
    IN_PHASE = "in_phase"


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a unit gets: `phase` is the number of the phase that was asked, None where it did not come to that."""

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

    @property
    def is_forced(self) -> bool:
        """Whether somebody asked for this variation; its exposures stand apart."""
        return self.reason is Reason.FORCED


@dataclass(frozen=True, slots=True)
class Forced:
    """A variation that everybody gets, whatever flag and phase say."""

    variation: str
    payload: Mapping[str, Any] | None = None


# Written by testutils alone; empty in production.
FORCED: dict[str, Forced] = {}


def assign(
    experiment_key: str,
    unit: str,
    *,
    user: Any = None,
    is_bot: bool = False,
    has_consent: bool = True,
    attributes: Mapping[str, str] | None = None,
    forced: str | None = None,
) -> Assignment:
    """Decide what a unit gets. Pure on the process's snapshot: no network, no cookie, no draw.

    The first of these decides: flag off, no experiment or no open phase (`off`); flag on for everyone (`shipped`); a
    bot; no consent; a verified override (`forced`); named on the flag (`targeted`); no unit; a rule on attributes not
    met (`ineligible`); held out from all experiments (`holdout`); outside the experiment's slots of its layer, or not
    included by the coverage (`exempt`); the open phase (`in_phase`). All but `shipped`, `forced`, `targeted` and
    `in_phase` give control. A test's `force_variation` goes before all of them.

    Args:
        experiment_key: The experiment's key; an unknown one is off.
        unit: What is randomised, for example the shopper's key. The same text always gets the same answer.
        user: The signed-in user, looked at only where the flag names people.
        is_bot: A crawler or a prefetch.
        has_consent: Whether this unit may be tracked.
        attributes: What was known of the unit before it saw anything, by name; what eligibility rules look at.
        forced: A variation that somebody was allowed to ask for (`overrides.find_forced`); unknown ones are ignored.

    Returns:
        The assignment; its payload is the variation's and must not be changed.
    """
    snapshot = get_snapshot()
    flag = snapshot.experiments.get(experiment_key)
    experiment = flag.experiment if flag is not None else None
    if FORCED and experiment_key in FORCED:
        return _force(experiment_key, experiment, FORCED[experiment_key])
    if flag is None or experiment is None:
        return Assignment(experiment_key, None, CONTROL, NO_PAYLOAD, Reason.OFF)
    subject = Unit(unit, is_bot=is_bot, has_consent=has_consent, attributes=attributes or NO_ATTRIBUTES)
    variation, reason, phase = _decide(snapshot, flag, experiment, subject, user, forced)
    return Assignment(
        experiment=experiment_key,
        phase=phase.number if phase is not None else None,
        variation=variation.key,
        payload=variation.payload,
        reason=reason,
        is_control=variation.is_control,
        phase_id=phase.id if phase is not None else None,
    )


def assign_request(experiment_key: str, request: HttpRequest) -> Assignment:
    """Decide for a request: its unit (`settings.EXPERIMENT_UNIT`), its user and its verified overrides.

    Args:
        experiment_key: The experiment's key; an unknown one is off.
        request: Its user is looked at only where the flag names people.

    Returns:
        The same as `assign` with the parts told apart.
    """
    unit = find_unit(request) or NOBODY
    return assign(
        experiment_key,
        unit.key,
        user=getattr(request, "user", None),
        is_bot=unit.is_bot,
        has_consent=unit.has_consent,
        attributes=unit.attributes,
        forced=find_forced(request, experiment_key),
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
    if flag.experiment is None:
        return bool(flag.everyone) if flag.everyone is not None else is_targeted(flag, getattr(request, "user", None))
    return not assign_request(flag.experiment.key, request).is_control


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
    )


def _decide(
    snapshot: Snapshot, flag: FlagState, experiment: ExperimentValue, unit: Unit, user: Any, forced: str | None
) -> tuple[VariationState, Reason, PhaseState | None]:
    if flag.everyone:
        return experiment.featured, Reason.SHIPPED, None
    phase = experiment.phase
    if flag.everyone is False or phase is None:
        return experiment.control, Reason.OFF, None
    if unit.is_bot:
        return experiment.control, Reason.BOT, None
    if not unit.has_consent:
        return experiment.control, Reason.NO_CONSENT, None
    asked = experiment.variations.get(forced) if forced else None
    if asked is not None:
        return asked, Reason.FORCED, phase
    if is_targeted(flag, user):
        return experiment.featured, Reason.TARGETED, None
    if not unit.key:
        return experiment.control, Reason.NO_UNIT, None
    bar = _find_bar(snapshot, experiment, phase, unit)
    if bar is not None:
        return experiment.control, bar, phase
    return experiment.variations[choose_variation(phase.salt, unit.key, phase.weights_bp)], Reason.IN_PHASE, phase


def _find_bar(snapshot: Snapshot, experiment: ExperimentValue, phase: PhaseState, unit: Unit) -> Reason | None:
    """What keeps this unit out of the open phase, or None."""
    if experiment.rules and not is_eligible(experiment.rules, unit.attributes):
        return Reason.INELIGIBLE
    for holdout in snapshot.holdouts:
        if is_held_out(holdout.salt, unit.key, holdout.share_bp):
            return Reason.HOLDOUT
    layer = experiment.layer
    if layer is not None and not is_in_slots(layer.salt, unit.key, layer.start, layer.stop):
        return Reason.EXEMPT
    return None if is_enrolled(phase.salt, unit.key, phase.coverage_bp) else Reason.EXEMPT


def _force(key: str, experiment: ExperimentValue | None, forced: Forced) -> Assignment:
    known = experiment.variations.get(forced.variation) if experiment is not None else None
    if experiment is not None and known is None:
        raise ValueError(
            f"{key!r} has no variation {forced.variation!r}. Force one of {sorted(experiment.variations)}."
        )
    payload = forced.payload if forced.payload is not None else (known.payload if known else NO_PAYLOAD)
    is_control = known.is_control if known else forced.variation == CONTROL
    return Assignment(key, None, forced.variation, payload, Reason.FORCED, is_control=is_control)
