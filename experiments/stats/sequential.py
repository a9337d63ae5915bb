"""Always-valid p-values and intervals: right at every look, however often one looks and whenever one stops."""

from __future__ import annotations

import math
from dataclasses import dataclass

from experiments.stats.aggregates import Arm
from experiments.stats.checks import check_alpha, check_count, check_probability
from experiments.stats.exceptions import StatsError
from experiments.stats.kinds import read_as_means
from experiments.stats.mean import find_thin_arm
from experiments.stats.relative import one_or_two_sided, relative_effect
from experiments.stats.results import Alternative, Effect, Inconclusive, Kind

LEAST_UNITS = 100


def always_valid(
    *,
    kind: Kind = "mean",
    control: Arm,
    treatment: Arm,
    n_planned: int,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
    previous_p: float = 1.0,
) -> Effect | Inconclusive:
    """Compare two arms in a way that stays right under daily looks (a normal mixture; mSPRT).

    At the planned size the interval is about 1.55 times the fixed one; that is the price of looking.

    Args:
        kind: what the metric is: `proportion`, `mean` or `ratio`.
        control, treatment: arms with all data since the start, not one day's.
        n_planned: units planned in both arms together, at which the interval is tightest. Frozen at the start: a value
            moved by what the data show breaks the promise.
        alpha: significance level over all looks together.
        alternative: `greater` and `less` give the one-sided version, for guardrails.
        previous_p: the p-value of the last look; the least so far is returned, so that a crossing is not forgotten.

    Returns:
        The effect; Inconclusive below 100 units in an arm, where the normal approximation is not to be relied on, and
        then the caller keeps its previous p-value.

    Raises:
        StatsError: n_planned below 1, a level or probability out of range, a one-sided alpha of 0.5 or more.

    Source:
        Waudby-Smith et al. 2024, "Time-uniform central limit theory and asymptotic confidence sequences", theorem 2.2
        and appendix B.1 (one-sided); Johari et al. 2022, "Always valid inference".
    """
    check_alpha(alpha, alternative=alternative)
    check_count(n_planned, "n_planned", least=1)
    check_probability(previous_p, "previous_p")
    mixture = Mixture.tuned(n_planned, alpha, alternative)
    arms = read_as_means(kind, control, treatment)
    if isinstance(arms, Inconclusive):
        return arms
    if (thin := find_thin_arm(*arms, least_units=LEAST_UNITS)) is not None:
        return thin
    return _effect(arms, mixture, alpha, alternative, previous_p)


@dataclass(frozen=True, slots=True)
class Mixture:
    """The normal mixture of one experiment: its scale `rho`, chosen once for the planned size and level."""

    rho: float
    alpha: float
    is_one_sided: bool

    @classmethod
    def tuned(cls, n_planned: int, alpha: float, alternative: Alternative) -> Mixture:
        """Return the mixture whose interval is tightest at n_planned units (Waudby-Smith et al., appendix B.2).

        Raises:
            StatsError: a one-sided level of 0.5 or more, for which there is none.
        """
        is_one_sided = alternative != "two-sided"
        level = 2 * alpha if is_one_sided else alpha
        if level >= 1:
            raise StatsError("alpha", f"{alpha!r} is too high for a one-sided test; give less than 0.5.")
        log_level = -2 * math.log(level)
        return cls(math.sqrt((log_level + math.log1p(log_level)) / n_planned), alpha, is_one_sided)

    def critical(self, n: int) -> float:
        """Return the interval's half-width in standard errors at n units of both arms together."""
        spread = n * self.rho * self.rho
        if self.is_one_sided:
            log_odds = math.log1p(math.sqrt(spread + 1) / (2 * self.alpha))
        else:
            log_odds = 0.5 * math.log(spread + 1) - math.log(self.alpha)
        return math.sqrt(2 * (spread + 1) / spread * log_odds)

    def p_value(self, z: float, n: int) -> float:
        """Return the p-value at n units of an estimate z standard errors from 0, above 0 for "as asked"."""
        spread = n * self.rho * self.rho
        exponent = z * z * spread / (2 * (spread + 1))
        log_p = 0.5 * math.log(spread + 1) - exponent
        if self.is_one_sided:
            if z <= 0 or exponent == 0:
                return 1.0
            log_p -= math.log(2) + math.log(-math.expm1(-exponent))
        return math.exp(min(0.0, log_p))


def _effect(
    arms: tuple[Arm, Arm], mixture: Mixture, alpha: float, alternative: Alternative, previous_p: float
) -> Effect:
    control, treatment = arms
    n, errors = control.n + treatment.n, (control.standard_error, treatment.standard_error)
    estimate, standard_error = treatment.mean_y - control.mean_y, math.hypot(*errors)
    critical = mixture.critical(n)
    z = estimate / standard_error
    return Effect(
        method="always_valid",
        alternative=alternative,
        control=control.mean_y,
        treatment=treatment.mean_y,
        estimate=estimate,
        standard_error=standard_error,
        interval=one_or_two_sided(
            estimate - critical * standard_error, estimate + critical * standard_error, alternative
        ),
        relative=relative_effect(
            control=(control.mean_y, errors[0]),
            treatment=(treatment.mean_y, errors[1]),
            find_critical=lambda _: critical,
            alternative=alternative,
        ),
        p_value=min(previous_p, mixture.p_value(-z if alternative == "less" else z, n)),
        alpha=alpha,
        n_control=control.n,
        n_treatment=treatment.n,
    )
