"""The independent implementations, each behind the figures that our functions give."""

import math
from collections.abc import Callable
from typing import Any

import mpmath  # type: ignore[import-not-found]
import numpy as np
import scipy.optimize
import scipy.stats
import tea_tasting as tt  # type: ignore[import-not-found]
from gbstats.frequentist.tests import SequentialConfig, SequentialTwoSidedTTest  # type: ignore[import-not-found]
from gbstats.models.statistics import SampleMeanStatistic  # type: ignore[import-not-found]
from statsmodels.stats.multitest import multipletests  # type: ignore[import-not-found]
from statsmodels.stats.oneway import anova_generic  # type: ignore[import-not-found]
from statsmodels.stats.power import NormalIndPower, normal_sample_size_one_tail  # type: ignore[import-not-found]
from statsmodels.stats.proportion import (  # type: ignore[import-not-found]
    confint_proportions_2indep,
    power_proportions_2indep,
    proportions_ztest,
    samplesize_proportions_2indep_onetail,
)
from tea_tasting.aggr import Aggregates  # type: ignore[import-not-found]

Answer = dict[str, Any]
TAIL = {"two-sided": "two-sided", "greater": "larger", "less": "smaller"}


def open_side(low: float, high: float, alternative: str) -> tuple[float | None, float | None]:
    return (None if alternative == "less" else low), (None if alternative == "greater" else high)


def compare_proportions(n_c: int, x_c: int, n_t: int, x_t: int, alpha: float, alternative: str) -> Answer:
    p_value = proportions_ztest([x_t, x_c], [n_t, n_c], alternative=TAIL[alternative])[1]
    level = alpha if alternative == "two-sided" else 2 * alpha
    low, high = confint_proportions_2indep(x_t, n_t, x_c, n_c, method="newcomb", compare="diff", alpha=level)
    answer: Answer = {"p_value": float(p_value)}
    answer["low"], answer["high"] = open_side(float(low), float(high), alternative)
    if x_c and x_t:
        ratio = confint_proportions_2indep(
            x_t, n_t, x_c, n_c, method="log", compare="ratio", alpha=level, correction=False
        )
        ends = open_side(float(ratio[0]) - 1, float(ratio[1]) - 1, alternative)
        answer["relative_low"], answer["relative_high"] = ends
    return answer


def variance(n: int, total: float, square: float) -> float:
    with mpmath.workdps(50):
        return float((mpmath.mpf(square) - mpmath.mpf(total) ** 2 / n) / (n - 1))


def covariance(n: int, y: float, x: float, product: float) -> float:
    with mpmath.workdps(50):
        return float((mpmath.mpf(product) - mpmath.mpf(y) * mpmath.mpf(x) / n) / (n - 1))


def aggregates(n: int, y: float, yy: float, x: float = 0, xx: float = 0, xy: float = 0) -> Aggregates:
    return Aggregates(
        count_=n,
        mean_={"y": y / n, "x": x / n},
        var_={"y": variance(n, y, yy), "x": variance(n, x, xx)},
        cov_={("x", "y"): covariance(n, y, x, xy)},
    )


def read_tea(result: Any, alternative: str) -> Answer:
    answer: Answer = {"p_value": result.pvalue}
    answer["low"], answer["high"] = open_side(result.effect_size_ci_lower, result.effect_size_ci_upper, alternative)
    ends = open_side(result.rel_effect_size_ci_lower, result.rel_effect_size_ci_upper, alternative)
    answer["relative_low"], answer["relative_high"] = ends
    return answer


def compare_means(*given: Any) -> Answer:
    *sums, alpha, alternative = given
    metric = tt.Mean("y", alternative=alternative, confidence_level=1 - alpha)
    answer = read_tea(metric.analyze_aggregates(aggregates(*sums[:3]), aggregates(*sums[3:])), alternative)
    if min(sums[1], sums[4]) <= 0:
        del answer["relative_low"], answer["relative_high"]
    return answer


def compare_ratios(*given: Any) -> Answer:
    *sums, alpha, alternative = given
    metric = tt.RatioOfMeans("y", "x", alternative=alternative, confidence_level=1 - alpha)
    return read_tea(metric.analyze_aggregates(aggregates(*sums[:6]), aggregates(*sums[6:])), alternative)


def compare_with_covariate(*given: Any) -> Answer:
    *sums, alpha, alternative = given
    control, treatment = aggregates(*sums[:6]), aggregates(*sums[6:])
    metric = tt.Mean("y", "x", alternative=alternative, confidence_level=1 - alpha)
    answer = read_tea(metric.analyze_aggregates(control, treatment), alternative)
    total = control + treatment
    return answer | {"theta": total.cov("y", "x") / total.var("x")}


def compare_ratios_with_covariate(*given: Any) -> Answer:
    """Each arm: n, sums of y, x and z, then of yy, xx, zz, xy, yz and xz."""
    *sums, alpha, alternative = given
    arms = []
    for n, y, x, z, yy, xx, zz, xy, yz, xz in (sums[:10], sums[10:]):
        arms.append(
            Aggregates(
                count_=n,
                mean_={"y": y / n, "x": x / n, "z": z / n},
                var_={"y": variance(n, y, yy), "x": variance(n, x, xx), "z": variance(n, z, zz)},
                cov_={
                    ("x", "y"): covariance(n, y, x, xy),
                    ("y", "z"): covariance(n, y, z, yz),
                    ("x", "z"): covariance(n, x, z, xz),
                },
            )
        )
    metric = tt.RatioOfMeans("y", "x", "z", alternative=alternative, confidence_level=1 - alpha)
    return read_tea(metric.analyze_aggregates(*arms), alternative)


def always_valid(*given: Any) -> Answer:
    *sums, n_planned, alpha = given
    arms = [SampleMeanStatistic(n=n, sum=y, sum_squares=yy) for n, y, yy in (sums[:3], sums[3:])]
    config = SequentialConfig(alpha=alpha, sequential_tuning_parameter=n_planned, difference_type="absolute")
    test = SequentialTwoSidedTTest(*arms, config)
    with np.errstate(over="ignore"):
        p_value, (low, high) = float(test.p_value), test.confidence_interval
    return {"p_value": p_value, "low": float(low), "high": float(high)}


def always_valid_one_sided(*given: Any) -> Answer:
    """The bound of the paper in fifty digits, and the p-value as the level at which the bound reaches 0."""
    n_c, y_c, yy_c, n_t, y_t, yy_t, n_planned, alpha, _ = given
    with mpmath.workdps(50):
        estimate = mpmath.mpf(y_t) / n_t - mpmath.mpf(y_c) / n_c
        squared = mpmath.mpf(variance(n_c, y_c, yy_c)) / n_c + mpmath.mpf(variance(n_t, y_t, yy_t)) / n_t
        n, level = n_c + n_t, 2 * mpmath.mpf(alpha)
        rho = mpmath.sqrt((-2 * mpmath.log(level) + mpmath.log(1 - 2 * mpmath.log(level))) / n_planned)

        def bound(at: Any) -> Any:
            spread = n * rho**2
            odds = mpmath.log(1 + mpmath.sqrt(spread + 1) / (2 * at))
            return estimate - mpmath.sqrt(squared * n) * mpmath.sqrt(2 * (spread + 1) / (n * rho) ** 2 * odds)

        if bound(mpmath.mpf(1)) <= 0:
            p_value = 1.0
        else:
            low, high = mpmath.mpf(-2000), mpmath.mpf(0)
            for _ in range(200):
                middle = (low + high) / 2
                low, high = (low, middle) if bound(mpmath.exp(middle)) > 0 else (middle, high)
            p_value = float(mpmath.exp(high))
        return {"p_value": p_value, "low": float(bound(mpmath.mpf(alpha)))}


def non_inferiority(*given: Any) -> Answer:
    n_c, y_c, yy_c, n_t, y_t, yy_t, margin, unit, is_higher_better = given
    mean, deviation = y_c / n_c, math.sqrt(variance(n_c, y_c, yy_c))
    worse = -margin if is_higher_better else margin
    mean, deviation = (mean * (1 + worse), deviation * (1 + worse)) if unit == "relative" else (mean + worse, deviation)
    test = scipy.stats.ttest_ind_from_stats(
        y_t / n_t,
        math.sqrt(variance(n_t, y_t, yy_t)),
        n_t,
        mean,
        deviation,
        n_c,
        equal_var=False,
        alternative="greater" if is_higher_better else "less",
    )
    return {"p_value": float(test.pvalue)}


def sample_ratio(counts: list[int], weights: list[int]) -> Answer:
    shares = np.array(weights) / sum(weights)
    total = sum(counts)
    chi_square = scipy.stats.chisquare(counts, shares * total)
    null = scipy.stats.multinomial(total, shares).logpmf(counts)
    mixture = scipy.stats.dirichlet_multinomial(100 * shares, np.array(total)).logpmf(counts)
    return {
        "statistic": float(chi_square.statistic),
        "p_value": float(chi_square.pvalue),
        "anytime_p_value": min(1.0, float(np.exp(null - mixture))),
    }


def sample_size(
    kind: str, baseline: float, spread: float, effect: float, alpha: float, power: float, allocation: float
) -> Answer:
    if kind == "proportion":
        n_control = samplesize_proportions_2indep_onetail(-effect, baseline + effect, power, allocation, alpha)
    else:
        n_control = normal_sample_size_one_tail(effect, power, alpha / 2, math.sqrt(spread * (1 + 1 / allocation)))
    return {"n_control": math.ceil(n_control), "n_treatment": math.ceil(n_control * allocation)}


def find_power(
    kind: str, baseline: float, spread: float, effect: float, n_control: int, alpha: float, allocation: float
) -> float:
    if kind == "proportion":
        return float(
            power_proportions_2indep(
                -effect, baseline + effect, n_control, ratio=allocation, alpha=alpha, return_results=False
            )
        )
    return float(NormalIndPower().power(effect / math.sqrt(spread), n_control, alpha, allocation))


def power(*given: Any) -> Answer:
    return {"power": find_power(*given)}


def detectable_effect(kind: str, baseline: float, spread: float, n_control: int, alpha: float, power: float) -> Answer:
    def miss(effect: float) -> float:
        return find_power(kind, baseline, spread, effect, n_control, alpha, 1.0) - power

    largest = (1 - baseline) * (1 - 1e-9) if kind == "proportion" else 10 * math.sqrt(spread)
    if miss(largest) < 0:
        return {"code": "too_few_units"}
    return {"effect": float(scipy.optimize.brentq(miss, 1e-9, largest, xtol=1e-15))}


def multiplicity(p_values: list[float]) -> Answer:
    found_holm, adjusted_holm, *_ = multipletests(p_values, 0.05, method="holm")
    found, adjusted, *_ = multipletests(p_values, 0.05, method="fdr_bh")
    answer = {"holm": adjusted_holm.tolist(), "discoveries": adjusted.tolist()}
    return answer | {"n_certain": int(found_holm.sum()), "n_found": int(found.sum())}


def omnibus_proportions(n: list[int], successes: list[int]) -> Answer:
    table = [successes, [units - count for units, count in zip(n, successes, strict=True)]]
    result = scipy.stats.chi2_contingency(table, correction=False)
    return {"statistic": float(result.statistic), "p_value": float(result.pvalue)}


def omnibus_means(arms: list[tuple[int, float, float]]) -> Answer:
    n = [arm[0] for arm in arms]
    means, variances = [arm[1] / arm[0] for arm in arms], [variance(*arm) for arm in arms]
    result = anova_generic(np.array(means), np.array(variances), np.array(n), use_var="unequal")
    return {
        "statistic": float(result.statistic),
        "df_within": float(result.df_denom),
        "p_value": float(result.pvalue),
    }


def chance_above(control: tuple[int, int], treatment: tuple[int, int]) -> Any:
    """Return P(T > C) of two Betas with whole parameters: Miller 2010, "Formulas for Bayesian A/B testing", exactly."""
    (a_c, b_c), (a_t, b_t) = control, treatment
    term = mpmath.beta(a_c, b_c + b_t) / (b_t * mpmath.beta(1, b_t) * mpmath.beta(a_c, b_c))
    total = mpmath.mpf(0)
    for i in range(a_t):
        total += term
        term *= mpmath.mpf((a_c + i) * (b_t + i)) / ((a_c + b_c + b_t + i) * (1 + i))
    return total


def expected_gain(over: tuple[int, int], under: tuple[int, int]) -> Any:
    """Return the mean of the positive part of over - under."""
    mean_over, mean_under = mpmath.mpf(over[0]) / sum(over), mpmath.mpf(under[0]) / sum(under)
    first = mean_over * chance_above(under, (over[0] + 1, over[1]))
    return first - mean_under * chance_above((under[0] + 1, under[1]), over)


def chance_to_beat(n_c: int, x_c: int, n_t: int, x_t: int) -> Answer:
    control, treatment = (1 + x_c, 1 + n_c - x_c), (1 + x_t, 1 + n_t - x_t)
    with mpmath.workdps(60):
        return {
            "probability": float(chance_above(control, treatment)),
            "loss_if_treatment": float(expected_gain(control, treatment)),
            "loss_if_control": float(expected_gain(treatment, control)),
        }


def sign_test(wins_a: int, wins_b: int) -> Answer:
    result = scipy.stats.binomtest(wins_b, wins_a + wins_b)
    low, high = result.proportion_ci(0.95, method="exact")
    return {"p_value": float(result.pvalue), "low": float(low), "high": float(high)}


def make_users(*, covariates: bool) -> Callable[..., list[float]]:
    """Return tea-tasting's example users as the sums of any two of their columns, control first."""
    table = tt.make_users_data(rng=42, covariates=covariates)
    variation = np.asarray(table["variant"])

    def find_sums(column: str, other: str | None = None) -> list[float]:
        y = np.asarray(table[column], dtype=float)
        x = None if other is None else np.asarray(table[other], dtype=float)
        sums: list[float] = []
        for arm in (0, 1):
            chosen = variation == arm
            sums += [int(chosen.sum()), float(y[chosen].sum()), float(y[chosen] @ y[chosen])]
            if x is not None:
                sums += [float(x[chosen].sum()), float(x[chosen] @ x[chosen]), float(x[chosen] @ y[chosen])]
        return sums

    return find_sums
