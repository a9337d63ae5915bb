"""Why a unit gets what it gets, question by question, in the order and with the functions that decide it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from experiments.assignment import Assignment, Reason, assign, is_targeted
from experiments.bucketing import (
    ARM_SCOPE,
    BUCKETS,
    ENROL_SCOPE,
    HOLDOUT_SCOPE,
    LAYER_SCOPE,
    bucket,
    is_enrolled,
    is_held_out,
    is_in_slots,
)
from experiments.eligibility import is_eligible
from experiments.snapshot import get_snapshot
from experiments.states import ExperimentValue, FlagState, PhaseState, Snapshot


class Stage(StrEnum):
    """The questions, in the order in which they are asked."""

    FLAG = "Flag"
    BOT = "Bot"
    CONSENT = "Consent"
    OVERRIDE = "Override"
    LISTS = "Lists"
    UNIT = "Unit"
    ELIGIBILITY = "Eligibility"
    HOLDOUT = "Holdout"
    LAYER = "Layer"
    ENROLMENT = "Enrolment"
    VARIATION = "Variation"


@dataclass(frozen=True, slots=True)
class Place:
    """A unit's bucket, and the buckets [start, stop) that it had to be in, out of 10,000."""

    bucket: int
    start: int
    stop: int

    @property
    def is_inside(self) -> bool:
        return self.start <= self.bucket < self.stop

    @property
    def width(self) -> int:
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class Line:
    """One question and its answer; `ends_as` is the reason where the walk ended here, None where it went on."""

    stage: Stage
    answer: str
    ends_as: Reason | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """What `assign` answered, and the questions up to the one that decided."""

    assignment: Assignment
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """Who is asked about; the same facts that `assign` takes."""

    unit: str
    user: Any = None
    is_bot: bool = False
    has_consent: bool = True
    attributes: Mapping[str, str] = field(default_factory=dict)
    forced: str | None = None


def explain(experiment_key: str, subject: Subject) -> Explanation:
    """Ask what a unit gets, and walk through the questions that led there.

    The answer is `assign`'s own; each line asks the same predicate on the same snapshot, and the walk ends where one
    of them decides.

    Args:
        experiment_key: The experiment's key; an unknown one is off.
        subject: Who is asked about.

    Returns:
        The assignment and the lines up to the deciding one, which names the assignment's reason.
    """
    assignment = assign(
        experiment_key,
        subject.unit,
        user=subject.user,
        is_bot=subject.is_bot,
        has_consent=subject.has_consent,
        attributes=subject.attributes,
        forced=subject.forced,
    )
    lines: list[Line] = []
    for line in _walk(get_snapshot(), experiment_key, subject):
        lines.append(line)
        if line.ends_as is not None:
            break
    return Explanation(assignment, tuple(lines))


def _walk(snapshot: Snapshot, experiment_key: str, subject: Subject) -> Iterator[Line]:
    flag = snapshot.experiments.get(experiment_key)
    if flag is None or flag.experiment is None:
        yield Line(Stage.FLAG, "There is no such experiment with a control and something to compare.", Reason.OFF)
        return
    yield _ask_flag(flag, flag.experiment)
    phase = flag.experiment.phase
    if phase is None:
        return
    yield from _ask_about_person(flag, flag.experiment, subject)
    yield from _ask_about_place(snapshot, flag.experiment, phase, subject)
    yield _ask_variation(phase, subject.unit)


def _ask_flag(flag: FlagState, experiment: ExperimentValue) -> Line:
    if flag.everyone:
        return Line(Stage.FLAG, f"{flag.name} is on for everyone: {experiment.featured.key}.", Reason.SHIPPED)
    if flag.everyone is False:
        return Line(Stage.FLAG, f"{flag.name} is off for everyone.", Reason.OFF)
    if experiment.phase is None:
        return Line(Stage.FLAG, f"{flag.name} leaves it to a phase, and none is open.", Reason.OFF)
    return Line(Stage.FLAG, f"{flag.name} leaves it to phase {experiment.phase.number}.")


def _ask_about_person(flag: FlagState, experiment: ExperimentValue, subject: Subject) -> Iterator[Line]:
    """All that is asked before anything is hashed."""
    yield Line(Stage.BOT, "A bot: control.", Reason.BOT) if subject.is_bot else Line(Stage.BOT, "Not a bot.")
    if subject.has_consent:
        yield Line(Stage.CONSENT, "May be tracked.")
    else:
        yield Line(Stage.CONSENT, "Has not agreed to be tracked: control.", Reason.NO_CONSENT)
    asked = experiment.variations.get(subject.forced) if subject.forced else None
    if asked is not None:
        yield Line(Stage.OVERRIDE, f"A signed link asks for {asked.key}. Not analysed.", Reason.FORCED)
    else:
        yield Line(Stage.OVERRIDE, "No signed link asks for a variation.")
    if is_targeted(flag, subject.user):
        answer = f"The flag names this person: {experiment.featured.key}. Not analysed."
        yield Line(Stage.LISTS, answer, Reason.TARGETED)
    else:
        yield Line(Stage.LISTS, "The flag does not name this person.")
    if subject.unit:
        yield Line(Stage.UNIT, f"Hashed as {subject.unit}.")
    else:
        yield Line(Stage.UNIT, "There is no key to hash: control.", Reason.NO_UNIT)


def _ask_about_place(
    snapshot: Snapshot, experiment: ExperimentValue, phase: PhaseState, subject: Subject
) -> Iterator[Line]:
    """All that keeps a unit out of the phase."""
    yield _ask_eligibility(experiment, subject.attributes)
    for holdout in snapshot.holdouts:
        place = Place(bucket(holdout.salt, HOLDOUT_SCOPE, subject.unit), holdout.share_bp, BUCKETS)
        if is_held_out(holdout.salt, subject.unit, holdout.share_bp):
            yield Line(Stage.HOLDOUT, f"Held out by {holdout.key}: control.", Reason.HOLDOUT, place)
        else:
            yield Line(Stage.HOLDOUT, f"Not held out by {holdout.key}.", None, place)
    layer = experiment.layer
    if layer is not None:
        place = Place(bucket(layer.salt, LAYER_SCOPE, subject.unit), layer.start, layer.stop)
        if is_in_slots(layer.salt, subject.unit, layer.start, layer.stop):
            yield Line(Stage.LAYER, f"In this experiment's part of layer {layer.key}.", None, place)
        else:
            answer = f"In layer {layer.key}, but not in this experiment's part: exempt."
            yield Line(Stage.LAYER, answer, Reason.EXEMPT, place)
    place = Place(bucket(phase.salt, ENROL_SCOPE, subject.unit), 0, phase.coverage_bp)
    if is_enrolled(phase.salt, subject.unit, phase.coverage_bp):
        yield Line(Stage.ENROLMENT, "In the test at this coverage.", None, place)
    else:
        yield Line(Stage.ENROLMENT, "Not in the test at this coverage: exempt.", Reason.EXEMPT, place)


def _ask_eligibility(experiment: ExperimentValue, attributes: Mapping[str, str]) -> Line:
    if not experiment.rules:
        return Line(Stage.ELIGIBILITY, "Everybody may take part.")
    told = "; ".join(
        f"{rule.attribute} must be {' or '.join(sorted(rule.values))}, is {attributes.get(rule.attribute, 'not known')}"
        for rule in experiment.rules
    )
    if is_eligible(experiment.rules, attributes):
        return Line(Stage.ELIGIBILITY, f"May take part: {told}.")
    return Line(Stage.ELIGIBILITY, f"May not take part: {told}.", Reason.INELIGIBLE)


def _ask_variation(phase: PhaseState, unit: str) -> Line:
    """The part of the weights that the unit's bucket lies in; `choose_variation` is asked by `assign` alone."""
    position = bucket(phase.salt, ARM_SCOPE, unit)
    reached = 0
    for key, weight_bp in phase.weights_bp:
        place = Place(position, reached, reached + weight_bp)
        if place.is_inside:
            return Line(Stage.VARIATION, f"{key}. Counted in the results.", Reason.IN_PHASE, place)
        reached += weight_bp
    raise ValueError(f"weights_bp sums to {reached}, must sum to {BUCKETS}.")
