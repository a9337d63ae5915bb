"""Tails and quantiles of the distributions behind the tests; scipy is imported only by those that need it."""

from __future__ import annotations

import math
from statistics import NormalDist

_NORMAL = NormalDist()


def normal_tail(z: float) -> float:
    """Return P(Z > z), exact far into the tail."""
    return 0.5 * math.erfc(z / math.sqrt(2.0))


def normal_density(z: float) -> float:
    """Return the standard normal density at z."""
    return math.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)


def normal_quantile(probability: float) -> float:
    """Return z with P(Z <= z) = probability, 0 < probability < 1 (Wichura 1988, AS 241)."""
    return _NORMAL.inv_cdf(probability)


def t_tail(t: float, df: float) -> float:
    """Return P(T > t) of Student's t with df > 0 degrees of freedom, not necessarily whole."""
    from scipy.special import stdtr

    return float(stdtr(df, -t))


def t_quantile(probability: float, df: float) -> float:
    """Return t with P(T <= t) = probability of Student's t."""
    from scipy.special import stdtrit

    return float(stdtrit(df, probability))


def chi_square_tail(statistic: float, df: int) -> float:
    """Return P(X > statistic) of chi-square with df degrees of freedom."""
    from scipy.special import chdtrc

    return float(chdtrc(df, statistic))


def f_tail(statistic: float, df_between: float, df_within: float) -> float:
    """Return P(F > statistic) of Snedecor's F."""
    from scipy.special import fdtrc

    return float(fdtrc(df_between, df_within, statistic))
