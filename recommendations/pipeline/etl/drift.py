"""PURE: how far the shares of one run's data moved from another's: the population stability index."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

# A share of 0 would make the logarithm infinite.
LEAST_SHARE = 1e-4
SLIGHT, STRONG = 0.1, 0.25
OTHERS = "(others)"


@dataclass(frozen=True, slots=True)
class Drift:
    """The drift of one feature.

    Attributes:
        feature: what the shares are of: event types, or categories.
        psi: population stability index, 0 or more.
        verdict: "stable" below 0.1, "slight" below 0.25, "strong" from there.
        against_run: the number of the run compared with.
    """

    feature: str
    psi: float
    verdict: str
    against_run: int


def population_stability(before: Mapping[str, int], after: Mapping[str, int]) -> float:
    """Return the population stability index of two sets of counts.

    psi = sum over groups of (a - b) * ln(a / b), where b and a are the group's shares before and after, at least
    `LEAST_SHARE` each.

    Args:
        before: group -> count.
        after: group -> count.

    Returns:
        0 for equal shares; 0 as well where either side is empty, since nothing can be said.

    Source:
        Siddiqi, "Credit Risk Scorecards" (2006), chapter 9, with its bounds of 0.1 and 0.25.
    """
    n_before, n_after = sum(before.values()), sum(after.values())
    if not n_before or not n_after:
        return 0.0
    psi = 0.0
    for group in before.keys() | after.keys():
        b = max(before.get(group, 0) / n_before, LEAST_SHARE)
        a = max(after.get(group, 0) / n_after, LEAST_SHARE)
        psi += (a - b) * math.log(a / b)
    return psi


def measure_drift(feature: str, before: Mapping[str, int], after: Mapping[str, int], *, against_run: int) -> Drift:
    """Return the drift of a feature against another run's counts."""
    psi = population_stability(before, after)
    verdict = "stable" if psi < SLIGHT else "slight" if psi < STRONG else "strong"
    return Drift(feature, round(psi, 5), verdict, against_run)


def most(counts: Mapping[str, int], n: int) -> dict[str, int]:
    """Return the `n` greatest counts, greatest first, and the rest summed up under `OTHERS` where there is a rest."""
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    kept = dict(ranked[:n])
    rest = sum(count for _, count in ranked[n:])
    return kept | {OTHERS: rest} if rest else kept
