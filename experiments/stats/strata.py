"""Several phases as one answer: weights may differ between them, and nobody's effect is the mixture's."""

from __future__ import annotations

import math
from collections.abc import Sequence

from experiments.stats.aggregates import Arm
from experiments.stats.kinds import read_as_means
from experiments.stats.mean import LEAST_UNITS
from experiments.stats.results import Inconclusive, Kind


def combine_phases(*, kind: Kind = "mean", phases: Sequence[tuple[Arm, Arm]]) -> tuple[Arm, Arm] | Inconclusive:
    """Combine phases whose weights differ, each compared within itself, into two arms to compare as means.

    Adding the arms of such phases would compare different mixtures of days (Simpson's paradox). Here each phase counts
    by all its units, in both arms alike, so that only differences within phases remain. That also holds when the
    weights of a phase follow what earlier ones showed, as under Thompson sampling.

    Args:
        kind: what the metric is.
        phases: (control, treatment) of each phase. A phase with fewer than two units in an arm tells no difference and
            is left out.

    Returns:
        (control, treatment) whose means and standard errors are the combined ones, for compare_means, always_valid
        and the rest with kind `mean`; Inconclusive when no phase can be compared.

    Raises:
        StatsError: an arm that is not of the kind.

    Source:
        Crook et al. 2009, "Seven pitfalls to avoid when running controlled experiments on the web", section 6;
        Cochran 1977, "Sampling techniques", section 5A.9, post-stratification.
    """
    pairs = []
    for control, treatment in phases:
        if min(control.n, treatment.n) < LEAST_UNITS:
            continue
        pair = read_as_means(kind, control, treatment)
        if isinstance(pair, Inconclusive):
            return pair
        pairs.append(pair)
    if not pairs:
        return Inconclusive("too_few_units", "No phase has two units in both variations; wait for exposures.")
    total = sum(control.n + treatment.n for control, treatment in pairs)
    shares = [(control.n + treatment.n) / total for control, treatment in pairs]
    return _combine([pair[0] for pair in pairs], shares), _combine([pair[1] for pair in pairs], shares)


def _combine(arms: Sequence[Arm], shares: Sequence[float]) -> Arm:
    n = sum(arm.n for arm in arms)
    mean = math.fsum(share * arm.mean_y for share, arm in zip(shares, arms, strict=True))
    squared = math.fsum(share * share * arm.variance_y / arm.n for share, arm in zip(shares, arms, strict=True))
    return Arm(n=n, mean_y=mean, centred_yy=squared * n * (n - 1))
