"""Several questions at once: Holm for decisions, Benjamini and Hochberg for exploration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.stats.checks import check_alpha, check_probability


@dataclass(frozen=True, slots=True)
class Corrected:
    """P-values corrected for their number, in the order given.

    Attributes:
        p_values: adjusted, comparable with alpha one by one.
        is_rejected: whether each passes.
        alpha: the level over the whole family.
    """

    p_values: tuple[float, ...]
    is_rejected: tuple[bool, ...]
    alpha: float


def holm(*, p_values: Sequence[float], alpha: float = 0.05) -> Corrected:
    """Keep the chance of even one false positive at alpha, whatever the dependence (variations x success metrics).

    Args:
        p_values: one a question; none gives none back.
        alpha: level over all questions.

    Raises:
        StatsError: a p-value outside 0..1, or alpha out of range.

    Source:
        Holm 1979, "A simple sequentially rejective multiple test procedure".
    """
    _check(p_values, alpha)
    adjusted, reached = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(_ascending(p_values)):
        reached = max(reached, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = reached
    return Corrected(tuple(adjusted), tuple(p <= alpha for p in adjusted), alpha)


def benjamini_hochberg(*, p_values: Sequence[float], alpha: float = 0.05) -> Corrected:
    """Keep the expected share of false ones among the discoveries at alpha (segments, secondary metrics).

    Args:
        p_values: one a question, independent or positively dependent; none gives none back.
        alpha: false discovery rate.

    Raises:
        StatsError: a p-value outside 0..1, or alpha out of range.

    Source:
        Benjamini and Hochberg 1995, "Controlling the false discovery rate".
    """
    _check(p_values, alpha)
    adjusted, reached = [0.0] * len(p_values), 1.0
    for rank, index in reversed(list(enumerate(_ascending(p_values), start=1))):
        reached = min(reached, len(p_values) / rank * p_values[index])
        adjusted[index] = reached
    return Corrected(tuple(adjusted), tuple(p <= alpha for p in adjusted), alpha)


def _check(p_values: Sequence[float], alpha: float) -> None:
    check_alpha(alpha)
    for p_value in p_values:
        check_probability(p_value, "p_values")


def _ascending(p_values: Sequence[float]) -> list[int]:
    return sorted(range(len(p_values)), key=p_values.__getitem__)
