"""The sign test over units that preferred one of two lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from experiments.stats.checks import check_alpha, check_count
from experiments.stats.results import Inconclusive, Interval


@dataclass(frozen=True, slots=True)
class Preference:
    """Which of two lists units prefer.

    Attributes:
        margin: (wins_b + ties / 2) / units - 1/2: above 0 when B is preferred, -0.5..0.5.
        win_share: of B among units with a preference, with its exact (Clopper-Pearson) interval.
        interval: of win_share, at level 1 - alpha.
        p_value: exact and two-sided, of "either list is as likely to be preferred".
        wins_a, wins_b, ties: units.
        alpha: significance level.
    """

    margin: float
    win_share: float
    interval: Interval
    p_value: float
    wins_a: int
    wins_b: int
    ties: int
    alpha: float

    is_conclusive: ClassVar[bool] = True

    @property
    def is_significant(self) -> bool:
        """Return whether one list is preferred."""
        return self.p_value <= self.alpha


def sign_test(*, wins_a: int, wins_b: int, ties: int = 0, alpha: float = 0.05) -> Preference | Inconclusive:
    """Test whether units prefer list A or B, each unit counted once.

    For daily looks use `sample_ratio_mismatch(counts=(wins_a, wins_b), weights=(1, 1)).anytime_p_value`, which is the
    same question asked in an always-valid way.

    Args:
        wins_a, wins_b: units that preferred each.
        ties: units without a preference; they weigh on the margin, not on the test.
        alpha: significance level.

    Returns:
        The preference; Inconclusive when no unit has one.

    Raises:
        StatsError: a negative count, or alpha out of range.

    Source:
        Dixon and Mood 1946, "The statistical sign test"; Clopper and Pearson 1934; the margin is Chapelle et al. 2012,
        "Large-scale validation and analysis of interleaved search evaluation", section 3.
    """
    for name, count in (("wins_a", wins_a), ("wins_b", wins_b), ("ties", ties)):
        check_count(count, name)
    check_alpha(alpha)
    decided = wins_a + wins_b
    if not decided:
        return Inconclusive("no_preferences", "No unit preferred either list; wait for clicks where they differ.")
    return Preference(
        margin=(wins_b + ties / 2) / (decided + ties) - 0.5,
        win_share=wins_b / decided,
        interval=_clopper_pearson(wins_b, decided, alpha),
        p_value=_two_sided(min(wins_a, wins_b), decided),
        wins_a=wins_a,
        wins_b=wins_b,
        ties=ties,
        alpha=alpha,
    )


def _two_sided(fewer: int, decided: int) -> float:
    from scipy.special import bdtr

    return min(1.0, 2 * float(bdtr(fewer, decided, 0.5)))


def _clopper_pearson(wins: int, decided: int, alpha: float) -> Interval:
    from scipy.special import betaincinv

    low = float(betaincinv(wins, decided - wins + 1, alpha / 2)) if wins else 0.0
    high = float(betaincinv(wins + 1, decided - wins, 1 - alpha / 2)) if wins < decided else 1.0
    return Interval(low, high)
