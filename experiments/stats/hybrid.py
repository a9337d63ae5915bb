"""The hybrid read-out: sequential while an experiment runs, fixed on its planned date, one error rate over both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from experiments.stats.aggregates import Arm
from experiments.stats.checks import check_alpha
from experiments.stats.kinds import compare
from experiments.stats.results import Alternative, Effect, Inconclusive, Kind
from experiments.stats.sequential import always_valid

# The sequential part has a fifth of alpha: 0.01 of 0.05.
SEQUENTIAL_PARTS = 5


@dataclass(frozen=True, slots=True)
class ReadOut:
    """What may be concluded at this moment.

    Attributes:
        effect: the effect to show: always-valid while running, fixed at the planned end; each at its own part of alpha.
        sequential: the always-valid effect at a fifth of alpha; its `p_value` is what the next look takes as previous.
        fixed: the fixed effect at four fifths of alpha; None before the planned end, so that nobody peeks at it.
        p_value: one p-value for both, comparable with alpha itself and good for `holm`.
        alpha: the level over all looks and the final one together.
    """

    effect: Effect
    sequential: Effect | Inconclusive
    fixed: Effect | None
    p_value: float
    alpha: float

    is_conclusive: ClassVar[bool] = True

    @property
    def is_significant(self) -> bool:
        """Return whether either part rejects "no effect"."""
        return self.p_value <= self.alpha


def split_alpha(alpha: float = 0.05) -> tuple[float, float]:
    """Return the levels of the sequential and the fixed part, 0.01 and 0.04 of 0.05.

    Plan the sample size with the second.

    Raises:
        StatsError: alpha is out of range.
    """
    check_alpha(alpha)
    sequential_alpha = alpha / SEQUENTIAL_PARTS
    return sequential_alpha, alpha - sequential_alpha


def read_out(
    *,
    kind: Kind = "mean",
    control: Arm,
    treatment: Arm,
    n_planned: int,
    is_planned_end: bool,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
    previous_p: float = 1.0,
) -> ReadOut | Inconclusive:
    """Read an experiment at any moment of its life with at most alpha false positives over that life.

    Early on only a large effect is seen, by the sequential part; on the planned date the fixed test has nearly its full
    power. By the union bound both together are wrong at most in alpha.

    Args:
        kind: what the metric is.
        control, treatment: arms with all data since the start.
        n_planned: units planned in both arms together, frozen at the start.
        is_planned_end: True on the pre-registered date and after it, with the data up to that date.
        alpha: significance level over the whole life.
        alternative: what is asked.
        previous_p: `sequential.p_value` of the last look, 1 at the first.

    Returns:
        The read-out; Inconclusive when the data answer neither part.

    Raises:
        StatsError: see always_valid and compare.

    Source:
        Eppo's "sequential hybrid"; the split is a union bound.
    """
    sequential_alpha, fixed_alpha = split_alpha(alpha)
    sequential = always_valid(
        kind=kind,
        control=control,
        treatment=treatment,
        n_planned=n_planned,
        alpha=sequential_alpha,
        alternative=alternative,
        previous_p=previous_p,
    )
    fixed = (
        compare(kind=kind, control=control, treatment=treatment, alpha=fixed_alpha, alternative=alternative)
        if is_planned_end
        else None
    )
    if isinstance(fixed, Inconclusive):
        return fixed
    effect = fixed or sequential
    if isinstance(effect, Inconclusive):
        return effect
    least = sequential.p_value if isinstance(sequential, Effect) else previous_p
    parts = [least * alpha / sequential_alpha, *([fixed.p_value * alpha / fixed_alpha] if fixed else [])]
    return ReadOut(effect, sequential, fixed, min(1.0, *parts), alpha)
