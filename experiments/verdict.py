"""PURE decision rule: what an experiment's evidence allows to say, and why, in a sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Outcome(StrEnum):
    """What to do; the last four belong to designs that ask another question than "does it help?"."""

    SHIP = "ship"
    DO_NOT_SHIP = "do not ship"
    KEEP_RUNNING = "keep running"
    INVALID = "invalid"
    NO_DIFFERENCE = "no difference"
    PREFERRED = "preferred"
    NOT_PREFERRED = "not preferred"
    NO_PREFERENCE = "no preference"


class Finding(StrEnum):
    """What one read-out of one metric shows of a variation against control."""

    BETTER = "better"
    WORSE = "worse"
    UNDECIDED = "undecided"


class Role(StrEnum):
    SUCCESS = "success"
    GUARDRAIL = "guardrail"
    EXPLORATORY = "exploratory"


Question = Literal["ab", "aa", "interleaving"]


@dataclass(frozen=True, slots=True)
class MetricEvidence:
    """One metric's two read-outs; `fixed` may be looked at once only, on the planned end.

    `is_safe_*` is the non-inferiority of a guardrail: its harm is shown to be below its margin.
    """

    name: str
    role: Role
    sequential: Finding = Finding.UNDECIDED
    fixed: Finding = Finding.UNDECIDED
    is_safe_sequential: bool = False
    is_safe_fixed: bool = False
    unknown_reason: str = ""

    def read(self, *, is_over: bool) -> Finding:
        """The finding that may be used now; what the sequential read-out has decided stands at the end too."""
        if self.sequential is not Finding.UNDECIDED or not is_over:
            return self.sequential
        return self.fixed

    def is_safe(self, *, is_over: bool) -> bool:
        """Whether the guardrail is shown to be non-inferior by a read-out that may be used now."""
        return self.is_safe_sequential or (is_over and self.is_safe_fixed)


@dataclass(frozen=True, slots=True)
class ArmEvidence:
    """One variation against control."""

    variation: str
    metrics: tuple[MetricEvidence, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a verdict may rest on.

    Args of the constructor:
        design: Which question was asked.
        is_over: Whether the planned end is reached, with the data up to it: only then may the fixed read-out be used.
        n_units: Units analysed in all compared variations.
        faults: Failed quality checks, a sentence each: sample ratio, crossover, a vanished metric.
        arms: Each variation but control, the most promising first.
        is_stopped: Whether it can run no further: what is not shown by now is not shown.
        tripped: Why a limit rolled it back by itself, as a sentence; empty where none did, or it was reopened since.
    """

    design: Question
    is_over: bool
    n_units: int
    faults: tuple[str, ...]
    arms: tuple[ArmEvidence, ...]
    is_stopped: bool = False
    tripped: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do, with which variation, and why."""

    outcome: Outcome
    reason: str
    variation: str = ""

    @property
    def title(self) -> str:
        """The outcome as a headline."""
        if self.outcome is Outcome.NO_DIFFERENCE:
            return "No difference, as it should be"
        if self.outcome is Outcome.PREFERRED:
            return f"{self.variation} preferred"
        if self.outcome is Outcome.NOT_PREFERRED:
            return f"{self.variation} not preferred"
        return self.outcome.value.capitalize()


def decide(evidence: Evidence) -> Verdict:
    """The verdict on an experiment.

    Ship iff at least one success metric improves significantly, all guardrails are non-inferior, nothing deteriorates
    and the quality checks pass. What is not shown at the end keeps control. Before the planned end only the
    always-valid read-out counts. Exploratory metrics decide nothing: a row that takes clicks from its neighbours is
    told, not judged. A guardrail deteriorates where it is worse than its margin allows. What a limit has rolled back is
    not shipped, whatever its metrics gained until then: limits of the row are no metric, and hold alone.

    Returns:
        A verdict whose reason is a full sentence.

    Source:
        Schultzberg, Ankargren and Frånberg, "Risk-aware product decisions in A/B tests with multiple metrics" (2024).
    """
    if evidence.tripped:
        return _decide_tripped(evidence)
    if evidence.faults:
        return Verdict(Outcome.INVALID, " ".join(evidence.faults))
    if not evidence.n_units or not evidence.arms:
        if evidence.is_over or evidence.is_stopped:
            return Verdict(Outcome.INVALID, "It ended without a single exposure, so there is nothing to compare.")
        return Verdict(Outcome.KEEP_RUNNING, "Nobody has been exposed yet.")
    if evidence.design == "aa":
        return _decide_same(evidence)
    if evidence.design == "interleaving":
        return _decide_preference(evidence)
    return _choose([_decide_arm(arm, evidence) for arm in evidence.arms], evidence)


def _decide_tripped(evidence: Evidence) -> Verdict:
    told = " ".join([f"A limit rolled it back: {evidence.tripped}", *evidence.faults])
    if evidence.design == "aa":
        return Verdict(Outcome.INVALID, f"Both sides are the same, and nothing can be read of them. {told}")
    variation = evidence.arms[0].variation if len(evidence.arms) == 1 else ""
    return Verdict(Outcome.DO_NOT_SHIP, told, variation)


def _decide_same(evidence: Evidence) -> Verdict:
    differing = [
        f"{metric.name} ({arm.variation})"
        for arm in evidence.arms
        for metric in arm.metrics
        if metric.role is not Role.EXPLORATORY and metric.read(is_over=evidence.is_over) is not Finding.UNDECIDED
    ]
    if differing:
        reason = (
            f"Both sides are the same, yet {_list(differing)} {_verb(differing, 'differs', 'differ')}: "
            "look for a fault in assignment, exposure or counting before trusting any test."
        )
        return Verdict(Outcome.INVALID, reason)
    is_ended = evidence.is_over or evidence.is_stopped
    unread = _list_unread(evidence)
    if unread and is_ended:
        reason = f"Nothing was compared: {_list(unread)}. A test that measures nothing proves nothing."
        return Verdict(Outcome.INVALID, reason)
    if unread:
        return Verdict(Outcome.KEEP_RUNNING, f"Nothing can be compared yet: {_list(unread)}.")
    if is_ended:
        return Verdict(Outcome.NO_DIFFERENCE, "The same experience on both sides, and no metric tells them apart.")
    reason = "No difference so far, as it should be; the planned end is not reached."
    return Verdict(Outcome.KEEP_RUNNING, reason)


def _list_unread(evidence: Evidence) -> list[str]:
    """Success metrics without a reading, each with its reason; no success metric at all is one of them."""
    found = []
    for arm in evidence.arms:
        metrics = _of(arm, Role.SUCCESS)
        unread = [metric for metric in metrics if metric.unknown_reason]
        found += [f"{metric.name} of {arm.variation} ({metric.unknown_reason.rstrip('.')})" for metric in unread]
        found += [] if metrics else [f"{arm.variation} (it has no primary metric)"]
    return found


def _decide_preference(evidence: Evidence) -> Verdict:
    for arm in evidence.arms:
        for metric in _of(arm, Role.SUCCESS):
            finding = metric.read(is_over=evidence.is_over)
            if finding is Finding.BETTER:
                reason = f"Shoppers choose more of {arm.variation}'s items where both are shown in one list."
                return Verdict(Outcome.PREFERRED, f"{reason} Confirm it in an A/B test.", arm.variation)
            if finding is Finding.WORSE:
                reason = f"Shoppers choose fewer of {arm.variation}'s items where both are shown in one list."
                return Verdict(Outcome.NOT_PREFERRED, reason, arm.variation)
    if evidence.is_over or evidence.is_stopped:
        return Verdict(Outcome.NO_PREFERENCE, "Shoppers choose both lists' items alike, as far as this can tell.")
    return Verdict(Outcome.KEEP_RUNNING, "No preference is shown yet; the planned end is not reached.")


def _decide_arm(arm: ArmEvidence, evidence: Evidence) -> Verdict:
    is_over = evidence.is_over
    judged = [metric for metric in arm.metrics if metric.role is not Role.EXPLORATORY]
    worse = [metric.name for metric in judged if metric.read(is_over=is_over) is Finding.WORSE]
    better = [metric.name for metric in _of(arm, Role.SUCCESS) if metric.read(is_over=is_over) is Finding.BETTER]
    unsafe = [metric.name for metric in _of(arm, Role.GUARDRAIL) if not metric.is_safe(is_over=is_over)]
    if worse:
        helped = f", though {_list(better)} {_verb(better, 'improves', 'improve')}" if better else ""
        reason = f"{_list(worse)} {_verb(worse, 'deteriorates', 'deteriorate')}{helped}."
        return Verdict(Outcome.DO_NOT_SHIP, reason, arm.variation)
    if better and not unsafe:
        safe = "every guardrail holds" if _of(arm, Role.GUARDRAIL) else "there is no guardrail"
        reason = f"{_list(better)} {_verb(better, 'improves', 'improve')}, {safe} and nothing deteriorates."
        return Verdict(Outcome.SHIP, reason, arm.variation)
    if not is_over and not evidence.is_stopped:
        return Verdict(Outcome.KEEP_RUNNING, _say_what_is_open(better, unsafe), arm.variation)
    return Verdict(Outcome.DO_NOT_SHIP, _say_what_is_missing(arm, better, unsafe, is_over=is_over), arm.variation)


def _say_what_is_open(better: Sequence[str], unsafe: Sequence[str]) -> str:
    if better:
        return (
            f"{_list(better)} {_verb(better, 'improves', 'improve')}, but {_list(unsafe)} "
            f"{_verb(unsafe, 'is', 'are')} not yet shown to be unharmed."
        )
    return "No success metric is decided yet; the planned end is not reached."


def _say_what_is_missing(arm: ArmEvidence, better: Sequence[str], unsafe: Sequence[str], *, is_over: bool) -> str:
    if better:
        return (
            f"{_list(better)} {_verb(better, 'improves', 'improve')}, but {_list(unsafe)} could not be shown to be "
            "unharmed: keep control."
        )
    unknown = [f"{metric.name} ({metric.unknown_reason})" for metric in arm.metrics if metric.unknown_reason]
    if unknown and all(metric.unknown_reason for metric in _of(arm, Role.SUCCESS)):
        return f"No success metric could be read: {_list(unknown)}. Inconclusive keeps control."
    when = "by the planned end" if is_over else "before it was stopped, short of its planned end"
    return f"No success metric improved significantly {when}. Inconclusive keeps control."


def _choose(verdicts: Sequence[Verdict], evidence: Evidence) -> Verdict:
    """One verdict of several variations: the first that may ship, else whatever is still open."""
    if len(verdicts) == 1:
        return verdicts[0]
    for outcome in (Outcome.SHIP, Outcome.KEEP_RUNNING, Outcome.DO_NOT_SHIP):
        of_outcome = [verdict for verdict in verdicts if verdict.outcome is outcome]
        if not of_outcome:
            continue
        open_ones = [verdict.variation for verdict in verdicts if verdict.outcome is Outcome.KEEP_RUNNING]
        if outcome is Outcome.SHIP and open_ones and not evidence.is_over:
            first = of_outcome[0]
            reason = f"{first.variation} could ship already ({first.reason[:-1]}), {_list(open_ones)} is still open."
            return Verdict(Outcome.KEEP_RUNNING, reason, of_outcome[0].variation)
        reason = " ".join(f"{verdict.variation}: {verdict.reason}" for verdict in of_outcome)
        return Verdict(outcome, reason, of_outcome[0].variation)
    raise AssertionError("every verdict on a variation is one of these three")


def _of(arm: ArmEvidence, role: Role) -> list[MetricEvidence]:
    return [metric for metric in arm.metrics if metric.role is role]


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _verb(names: Sequence[str], one: str, many: str) -> str:
    return one if len(names) == 1 else many
