"""The Bayesian reading, for display: the chance that the treatment is better, and what a wrong choice would cost."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Literal

from experiments.stats.aggregates import Arm
from experiments.stats.checks import check_finite
from experiments.stats.distributions import normal_density, normal_tail
from experiments.stats.exceptions import StatsError
from experiments.stats.kinds import read_as_means
from experiments.stats.mean import find_thin_arm
from experiments.stats.proportion import count_successes
from experiments.stats.results import Inconclusive, Kind

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

N_NODES = 16
# The integrals run in panels between these distances from both means, in standard deviations: so a narrow posterior
# beside a wide one is not stepped over, and beyond the last a Beta holds less than rounding.
PANELS = (-40.0, -10.0, -3.0, 0.0, 3.0, 10.0, 40.0)


@dataclass(frozen=True, slots=True)
class ChanceToBeat:
    """The posterior of the comparison.

    Attributes:
        probability: that the treatment's true value is the better one, 0..1.
        loss_if_treatment: expected loss per unit, in the metric's own unit, of choosing the treatment.
        loss_if_control: the same of staying with the control.
        method: Beta posteriors for proportions, normal ones for means and ratios.
    """

    probability: float
    loss_if_treatment: float
    loss_if_control: float
    method: Literal["beta", "normal"]

    is_conclusive: ClassVar[bool] = True


def chance_to_beat(
    *,
    kind: Kind = "proportion",
    control: Arm,
    treatment: Arm,
    is_higher_better: bool = True,
    prior: tuple[float, float] = (1.0, 1.0),
) -> ChanceToBeat | Inconclusive:
    """Return the posterior chance that the treatment beats the control, with both expected losses.

    It is not safe under peeking, whatever is said of Bayesian methods: decide by the read-out, show this beside it.

    Args:
        kind: what the metric is.
        control, treatment: arms of that kind.
        is_higher_better: False for latency or errors.
        prior: parameters of the Beta prior of both proportions, flat by default; means and ratios take a flat prior.

    Returns:
        The chance; Inconclusive without units, or for means and ratios without variance.

    Raises:
        StatsError: a prior parameter below 1, or an arm that is not of the kind.

    Source:
        Stucchio 2015, "Bayesian A/B testing at VWO", for the expected loss; the Beta integrals by Gauss-Legendre.
    """
    for parameter in prior:
        check_finite(parameter, "prior")
        if parameter < 1:
            raise StatsError("prior", f"{parameter!r} piles the prior up at its edge; give at least 1, which is flat.")
    arms = read_as_means(kind, control, treatment)
    if isinstance(arms, Inconclusive):
        return arms
    if kind == "proportion":
        if not control.n or not treatment.n:
            return Inconclusive("no_units", "A variation has no units yet; wait for exposures.")
        probability, above, below = _beta(_posterior(control, prior), _posterior(treatment, prior))
        method: Literal["beta", "normal"] = "beta"
    else:
        if (thin := find_thin_arm(*arms)) is not None:
            return thin
        probability, above, below = _normal(*arms)
        method = "normal"
    if is_higher_better:
        return ChanceToBeat(probability, below, above, method)
    return ChanceToBeat(1 - probability, above, below, method)


def _posterior(arm: Arm, prior: tuple[float, float]) -> tuple[float, float]:
    successes = count_successes(arm, "arm")
    return prior[0] + successes, prior[1] + arm.n - successes


def _normal(control: Arm, treatment: Arm) -> tuple[float, float, float]:
    """Return P(T > C) and the means of the positive parts of T - C and of C - T."""
    difference = treatment.mean_y - control.mean_y
    spread = math.hypot(control.standard_error, treatment.standard_error)
    z = difference / spread
    above = difference * normal_tail(-z) + spread * normal_density(z)
    below = -difference * normal_tail(z) + spread * normal_density(z)
    return normal_tail(-z), max(0.0, above), max(0.0, below)


def _beta(control: tuple[float, float], treatment: tuple[float, float]) -> tuple[float, float, float]:
    """Return P(T > C) and the means of the positive parts of T - C and of C - T, for independent Betas.

    The mean of the positive part of T - C is the integral of P(C < u) P(T > u), so that small losses stay exact.
    """
    import numpy as np
    from scipy.special import betainc, betaincc

    edges = np.unique(np.clip([*_panels(control), *_panels(treatment)], 0.0, 1.0))
    nodes, node_weights = _nodes()
    half = np.diff(edges)[:, None] / 2
    u, weights = (edges[:-1, None] + half * (nodes + 1)).ravel(), (half * node_weights).ravel()
    # Measured from the mean and divided by its own integral: with billions of units the textbook form cancels.
    (a, b), centre = treatment, treatment[0] / sum(treatment)
    density = np.exp((a - 1) * np.log1p((u - centre) / centre) + (b - 1) * np.log1p((centre - u) / (1 - centre)))
    density /= weights @ density
    control_below = betainc(*control, u)
    probability = float(weights @ (density * control_below))
    above = float(weights @ (control_below * betaincc(*treatment, u)))
    below = float(weights @ (betaincc(*control, u) * betainc(*treatment, u)))
    return min(1.0, max(0.0, probability)), above, below


@cache
def _nodes() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the nodes and weights of one panel on -1..1."""
    from scipy.special import roots_legendre

    nodes, weights = roots_legendre(N_NODES)
    return nodes, weights


def _panels(posterior: tuple[float, float]) -> list[float]:
    a, b = posterior
    mean = a / (a + b)
    deviation = math.sqrt(mean * (1 - mean) / (a + b + 1))
    return [mean + distance * deviation for distance in PANELS]
