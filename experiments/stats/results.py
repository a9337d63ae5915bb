"""What a comparison answers: a frozen Effect, or Inconclusive with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

Alternative = Literal["two-sided", "greater", "less"]
Kind = Literal["proportion", "mean", "ratio"]
Method = Literal["two_proportion_z", "welch_t", "ratio_delta", "always_valid"]
Reason = Literal[
    "no_units",
    "too_few_units",
    "one_variation",
    "no_variance",
    "no_successes",
    "all_successes",
    "no_denominator",
    "no_covariate",
    "no_traffic",
    "no_preferences",
    "relative_undefined",
]


@dataclass(frozen=True, slots=True)
class Inconclusive:
    """The data cannot answer yet, and why.

    Attributes:
        code: stable name of the reason, for logs, snapshots and tests.
        reason: the same as a sentence for a person, which says what would help.
    """

    code: Reason
    reason: str

    is_conclusive: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval; a side that a one-sided test leaves open is None, so that it survives JSON."""

    low: float | None
    high: float | None

    def contains(self, value: float) -> bool:
        """Return whether the value lies inside, ends included."""
        return (self.low is None or self.low <= value) and (self.high is None or value <= self.high)


@dataclass(frozen=True, slots=True)
class RelativeEffect:
    """(treatment - control) / control with its interval, as shares: 0.2 is +20%. For display: the Effect decides."""

    estimate: float
    interval: Interval

    is_conclusive: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Effect:
    """One variation against another on one metric.

    Attributes:
        method: which test answered.
        alternative: what was tested: a difference either way, or the treatment `greater` or `less`.
        control, treatment: the metric's value in each arm, in its own unit.
        estimate: treatment - control, the effect.
        standard_error: of the estimate.
        interval: of the estimate, at level 1 - alpha.
        relative: the relative effect, or why there is none.
        p_value: 0..1; under `always_valid` the least so far.
        alpha: significance level that the interval and `is_significant` use.
        n_control, n_treatment: units in each arm.
    """

    method: Method
    alternative: Alternative
    control: float
    treatment: float
    estimate: float
    standard_error: float
    interval: Interval
    relative: RelativeEffect | Inconclusive
    p_value: float
    alpha: float
    n_control: int
    n_treatment: int

    is_conclusive: ClassVar[bool] = True

    @property
    def is_significant(self) -> bool:
        """Return whether the test rejects "no effect" at its level."""
        return self.p_value <= self.alpha
