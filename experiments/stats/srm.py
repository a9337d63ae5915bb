"""Sample-ratio mismatch: do the units counted in each variation fit the weights that assigned them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from experiments.stats.checks import check_alpha, check_count, check_finite, check_positive, check_probability
from experiments.stats.distributions import chi_square_tail
from experiments.stats.exceptions import StatsError
from experiments.stats.results import Inconclusive


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """Both checks of the same counts.

    Attributes:
        counts: units seen, in the order given.
        expected: units that the weights foretell for their total.
        statistic, df: Pearson's chi-square and its degrees of freedom; None when no finite one exists.
        p_value: of chi-square; right for one look, at the read-out.
        anytime_p_value: the least so far of the sequential test; right however often it is looked at.
        alpha: level of both.
    """

    counts: tuple[int, ...]
    expected: tuple[float, ...]
    statistic: float | None
    df: int
    p_value: float
    anytime_p_value: float
    alpha: float

    is_conclusive: ClassVar[bool] = True

    @property
    def is_mismatch(self) -> bool:
        """Return whether the fixed check alarms: the read-out is invalid."""
        return self.p_value <= self.alpha

    @property
    def is_anytime_mismatch(self) -> bool:
        """Return whether the sequential check has ever alarmed: hold the ramp."""
        return self.anytime_p_value <= self.alpha


def sample_ratio_mismatch(
    *,
    counts: Sequence[int],
    weights: Sequence[float],
    alpha: float = 0.001,
    previous_p: float = 1.0,
    concentration: float = 100.0,
) -> SampleRatio | Inconclusive:
    """Compare units per variation with the weights, by chi-square and by an anytime-valid test.

    Args:
        counts: distinct exposed units of each enrolled variation; exempt units stay out.
        weights: the variations' weights in the same order, in any unit (5000 and 5000, or 0.5 and 0.5). A variation of
            weight 0 expects nobody and adds no degree of freedom; one unit in it is a mismatch for certain.
        alpha: level of the alarm; 0.001 as the field uses, since an alarm stops an experiment.
        previous_p: `anytime_p_value` of the last look, 1 at the first.
        concentration: how closely the alternative lies around the weights; larger finds smaller mismatches later.

    Returns:
        Both p-values; Inconclusive without units or with fewer than two variations that expect any.

    Raises:
        StatsError: counts and weights of different lengths, a negative one, a level or probability out of range.

    Source:
        Fabijan et al. 2019, "Diagnosing sample ratio mismatch in online controlled experiments"; Lindon and Malek 2022,
        "Anytime-valid inference for multinomial count data", a Dirichlet mixture.
    """
    _check(counts, weights, alpha, previous_p, concentration)
    total, total_weight = sum(counts), math.fsum(weights)
    if sum(weight > 0 for weight in weights) < 2:
        return Inconclusive("one_variation", "At least two variations need a weight above 0 to be compared.")
    if not total:
        return Inconclusive("no_units", "No variation has units yet; wait for exposures.")
    shares = [weight / total_weight for weight in weights]
    is_impossible = any(count and not share for count, share in zip(counts, shares, strict=True))
    pairs = [(count, share) for count, share in zip(counts, shares, strict=True) if share]
    statistic = math.fsum((count - total * share) ** 2 / (total * share) for count, share in pairs)
    df = len(pairs) - 1
    anytime = 0.0 if is_impossible else math.exp(min(0.0, -log_e_value(pairs, concentration)))
    return SampleRatio(
        counts=tuple(counts),
        expected=tuple(total * share for share in shares),
        statistic=None if is_impossible else statistic,
        df=df,
        p_value=0.0 if is_impossible else chi_square_tail(statistic, df),
        anytime_p_value=min(previous_p, anytime),
        alpha=alpha,
    )


def log_e_value(pairs: Sequence[tuple[int, float]], concentration: float) -> float:
    """Return the logarithm of the evidence against the weights: a Dirichlet mixture over multinomial likelihoods.

    Args:
        pairs: (units, share) of each variation, shares above 0 and summing to 1.
        concentration: sum of the Dirichlet's parameters.
    """
    total = sum(count for count, _ in pairs)
    evidence = [math.lgamma(concentration) - math.lgamma(concentration + total)]
    for count, share in pairs:
        prior = concentration * share
        evidence += [math.lgamma(prior + count), -math.lgamma(prior), -count * math.log(share)]
    return math.fsum(evidence)


def _check(
    counts: Sequence[int], weights: Sequence[float], alpha: float, previous_p: float, concentration: float
) -> None:
    if len(counts) != len(weights):
        raise StatsError("weights", f"{len(weights)} beside {len(counts)} counts; give one a variation.")
    for count in counts:
        check_count(count, "counts")
    for weight in weights:
        check_finite(weight, "weights")
        if weight < 0:
            raise StatsError("weights", f"{weight!r} is negative; a variation's weight is at least 0.")
    check_alpha(alpha)
    check_probability(previous_p, "previous_p")
    check_positive(concentration, "concentration")
