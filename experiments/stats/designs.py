"""A planned experiment's figures: what it compares, how large an effect it looks for, at which level."""

from __future__ import annotations

import math
from dataclasses import dataclass

from experiments.stats.checks import (
    check_alpha,
    check_count,
    check_finite,
    check_kind,
    check_open_share,
    check_positive,
)
from experiments.stats.distributions import normal_quantile
from experiments.stats.exceptions import StatsError
from experiments.stats.results import Alternative, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What the formulas of size, power and detectable effect share.

    Attributes:
        kind: what the metric is.
        baseline: the control's value: a share of 0..1 for a proportion.
        variance: per unit, for means (`Arm.variance_y`) and ratios (`linearise(arm).variance_y`); a proportion has its
            own.
        treatment_variance: the same of the treatment, if the effect is there; like the control's when None. Where an
            effect multiplies what each unit does, +20% makes it 1.44 times the control's, and power falls short if
            that is left out.
        alpha: significance level of the whole experiment, two-sided unless the alternative says otherwise. The hybrid
            read-out plans with `split_alpha()[1]`.
        alternative: what will be tested.
        allocation: units of one treatment for each unit of control, 1 for an even split.
        n_treatments: variations beside control.
        n_metrics: success metrics decided on; alpha is divided by their number times n_treatments (Bonferroni, which
            Holm never falls behind).
        covariate_correlation: of outcome and covariate, -1..1; CUPED leaves 1 - its square of the variance.
    """

    kind: Kind
    baseline: float
    variance: float | None = None
    treatment_variance: float | None = None
    alpha: float = 0.05
    alternative: Alternative = "two-sided"
    allocation: float = 1.0
    n_treatments: int = 1
    n_metrics: int = 1
    covariate_correlation: float = 0.0

    def __post_init__(self) -> None:
        check_kind(self.kind)
        check_alpha(self.alpha, alternative=self.alternative)
        check_finite(self.baseline, "baseline")
        check_positive(self.allocation, "allocation")
        check_count(self.n_treatments, "n_treatments", least=1)
        check_count(self.n_metrics, "n_metrics", least=1)
        if not -1 < self.covariate_correlation < 1:
            raise StatsError("covariate_correlation", f"{self.covariate_correlation!r} is not between -1 and 1.")
        if self.kind == "proportion":
            check_open_share(self.baseline, "baseline")
        elif self.variance is None:
            raise StatsError("variance", f"a {self.kind} needs the metric's variance per unit; take it from past data.")
        else:
            check_positive(self.variance, "variance")
        if self.treatment_variance is not None:
            check_positive(self.treatment_variance, "treatment_variance")

    @property
    def alpha_each(self) -> float:
        """Level of each comparison."""
        return self.alpha / (self.n_treatments * self.n_metrics)

    @property
    def critical(self) -> float:
        """Normal quantile that a comparison's statistic must pass."""
        return normal_quantile(1 - (self.alpha_each / 2 if self.alternative == "two-sided" else self.alpha_each))

    @property
    def unexplained(self) -> float:
        """Share of variance that the covariate leaves."""
        return 1 - self.covariate_correlation**2

    def deviations(self, effect: float) -> tuple[float, float]:
        """Return sqrt(n_control) times the standard error of the effect: if there were none, and as it is.

        Raises:
            StatsError: an effect that takes a proportion out of 0..1.
        """
        ratio = self.allocation
        if self.kind != "proportion":
            control = self.variance or 0.0
            treatment = control if self.treatment_variance is None else self.treatment_variance
            actual = math.sqrt((control + treatment / ratio) * self.unexplained)
            return actual, actual
        share, other = self.baseline, self.baseline + effect
        if not 0 < other < 1:
            raise StatsError("effect", f"{effect!r} on a baseline of {share!r} leaves 0..1; plan a smaller one.")
        pooled = (share + ratio * other) / (1 + ratio)
        null = pooled * (1 - pooled) * (1 + 1 / ratio)
        alternative = share * (1 - share) + other * (1 - other) / ratio
        return math.sqrt(null * self.unexplained), math.sqrt(alternative * self.unexplained)

    def absolute(self, effect: float | None, relative_effect: float | None) -> float:
        """Return the effect in the metric's unit from whichever of both was given.

        Raises:
            StatsError: none or both were given, it is 0, or it points against the alternative.
        """
        if (effect is None) == (relative_effect is None):
            raise StatsError("effect", "give exactly one of effect and relative_effect.")
        absolute = effect if effect is not None else (relative_effect or 0.0) * self.baseline
        check_finite(absolute, "effect")
        if absolute == 0:
            raise StatsError("effect", "is 0; no size of sample finds nothing. Give the least effect worth finding.")
        if self.alternative != "two-sided" and (absolute > 0) != (self.alternative == "greater"):
            raise StatsError("effect", f"{absolute!r} points against the alternative {self.alternative!r}.")
        return absolute
