import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from experiments.stats import (
    Adjustment,
    Arm,
    ChanceToBeat,
    Design,
    Effect,
    Inconclusive,
    NonInferiority,
    Omnibus,
    Preference,
    RatioWithHistory,
    RelativeEffect,
    SampleRatio,
    adjust_ratio_with_covariate,
    adjust_with_covariate,
    always_valid,
    benjamini_hochberg,
    chance_to_beat,
    check_non_inferiority,
    compare_all,
    compare_means,
    compare_proportions,
    compare_ratios,
    holm,
    minimum_detectable_effect,
    power,
    sample_ratio_mismatch,
    sample_size,
    sign_test,
)

Figures = dict[str, Any]
ANSWERS = json.loads((Path(__file__).parent / "golden" / "answers.json").read_text())
VERSIONS = ANSWERS.pop("versions")


def read_sums(n: int, y: float, yy: float, x: float = 0, xx: float = 0, xy: float = 0) -> Arm:
    return Arm.from_sums(n=n, sum_y=y, sum_yy=yy, sum_x=x, sum_xx=xx, sum_xy=xy)


def read_counts(n_control: int, control: int, n_treatment: int, treatment: int) -> tuple[Arm, Arm]:
    return Arm.from_counts(n=n_control, successes=control), Arm.from_counts(n=n_treatment, successes=treatment)


def list_figures(effect: Effect | Inconclusive) -> Figures:
    assert isinstance(effect, Effect)
    figures: Figures = {
        "p_value": effect.p_value,
        "low": effect.interval.low,
        "high": effect.interval.high,
        "control": effect.control,
        "treatment": effect.treatment,
        "estimate": effect.estimate,
    }
    if isinstance(effect.relative, RelativeEffect):
        figures["relative"] = effect.relative.estimate
        figures |= {"relative_low": effect.relative.interval.low, "relative_high": effect.relative.interval.high}
    return figures


def ask_proportions(*given: Any) -> Figures:
    control, treatment = read_counts(*given[:4])
    return list_figures(compare_proportions(control=control, treatment=treatment, alpha=given[4], alternative=given[5]))


def ask_means(*given: Any) -> Figures:
    control, treatment = read_sums(*given[:3]), read_sums(*given[3:6])
    return list_figures(compare_means(control=control, treatment=treatment, alpha=given[6], alternative=given[7]))


def ask_ratios(*given: Any) -> Figures:
    control, treatment = read_sums(*given[:6]), read_sums(*given[6:12])
    return list_figures(compare_ratios(control=control, treatment=treatment, alpha=given[12], alternative=given[13]))


def ask_covariates(*given: Any) -> Figures:
    adjusted = adjust_with_covariate(arms=[read_sums(*given[:6]), read_sums(*given[6:12])])
    assert isinstance(adjusted, Adjustment)
    control, treatment = adjusted.arms
    effect = compare_means(control=control, treatment=treatment, alpha=given[12], alternative=given[13])
    return list_figures(effect) | {"theta": adjusted.theta}


def read_history(n: int, *sums: float) -> RatioWithHistory:
    y, x, z, yy, xx, zz, xy, yz, xz = sums
    return RatioWithHistory(
        ratio=read_sums(n, y, yy, x, xx, xy),
        numerator=read_sums(n, y, yy, z, zz, yz),
        denominator=read_sums(n, x, xx, z, zz, xz),
    )


def ask_ratio_covariates(*given: Any) -> Figures:
    adjusted = adjust_ratio_with_covariate(arms=[read_history(*given[:10]), read_history(*given[10:20])])
    assert isinstance(adjusted, Adjustment)
    control, treatment = adjusted.arms
    return list_figures(compare_means(control=control, treatment=treatment, alpha=given[20], alternative=given[21]))


def ask_always_valid(*given: Any) -> Figures:
    return list_figures(
        always_valid(
            control=read_sums(*given[:3]),
            treatment=read_sums(*given[3:6]),
            n_planned=given[6],
            alpha=given[7],
            alternative=given[8] if len(given) > 8 else "two-sided",
        )
    )


def ask_non_inferiority(*given: Any) -> Figures:
    answer = check_non_inferiority(
        control=read_sums(*given[:3]),
        treatment=read_sums(*given[3:6]),
        margin=given[6],
        margin_unit=given[7],
        is_higher_better=given[8],
    )
    assert isinstance(answer, NonInferiority)
    return {"p_value": answer.p_value}


def ask_srm(counts: list[int], weights: list[int]) -> Figures:
    answer = sample_ratio_mismatch(counts=counts, weights=weights)
    assert isinstance(answer, SampleRatio)
    names = ("statistic", "p_value", "anytime_p_value")
    return {name: getattr(answer, name) for name in names}


def ask_sample_sizes(
    kind: Any, baseline: float, variance: float, effect: float, alpha: float, wanted: float, allocation: float
) -> Figures:
    design = Design(kind=kind, baseline=baseline, variance=variance, alpha=alpha, allocation=allocation)
    size = sample_size(design=design, effect=effect, power=wanted)
    return {"n_control": size.n_control, "n_treatment": size.n_treatment}


def ask_powers(
    kind: Any, baseline: float, variance: float, effect: float, n_control: int, alpha: float, allocation: float
) -> Figures:
    design = Design(kind=kind, baseline=baseline, variance=variance, alpha=alpha, allocation=allocation)
    return {"power": power(design=design, n_control=n_control, effect=effect)}


def ask_detectable_effects(
    kind: Any, baseline: float, variance: float, n_control: int, alpha: float, wanted: float
) -> Figures:
    design = Design(kind=kind, baseline=baseline, variance=variance, alpha=alpha)
    found = minimum_detectable_effect(design=design, n_control=n_control, power=wanted)
    return {"code": found.code} if isinstance(found, Inconclusive) else {"effect": found.effect}


def ask_multiplicity(p_values: list[float]) -> Figures:
    certain, found = holm(p_values=p_values), benjamini_hochberg(p_values=p_values)
    adjusted = {"holm": list(certain.p_values), "discoveries": list(found.p_values)}
    return adjusted | {"n_certain": sum(certain.is_rejected), "n_found": sum(found.is_rejected)}


def ask_omnibus_proportions(n: list[int], successes: list[int]) -> Figures:
    arms = [Arm.from_counts(n=units, successes=count) for units, count in zip(n, successes, strict=True)]
    answer = compare_all(kind="proportion", arms=arms)
    assert isinstance(answer, Omnibus)
    return {"statistic": answer.statistic, "p_value": answer.p_value}


def ask_omnibus_means(sums: list[list[float]]) -> Figures:
    answer = compare_all(kind="mean", arms=[read_sums(int(n), y, yy) for n, y, yy in sums])
    assert isinstance(answer, Omnibus)
    return {"statistic": answer.statistic, "df_within": answer.df[1], "p_value": answer.p_value}


def ask_chances(*given: int) -> Figures:
    control, treatment = read_counts(*given)
    answer = chance_to_beat(kind="proportion", control=control, treatment=treatment)
    assert isinstance(answer, ChanceToBeat)
    return {name: getattr(answer, name) for name in ("probability", "loss_if_treatment", "loss_if_control")}


def ask_signs(wins_a: int, wins_b: int) -> Figures:
    answer = sign_test(wins_a=wins_a, wins_b=wins_b)
    assert isinstance(answer, Preference)
    return {"p_value": answer.p_value, "low": answer.interval.low, "high": answer.interval.high}


ASK: dict[str, Callable[..., Figures]] = {
    "proportions": ask_proportions,
    "means": ask_means,
    "ratios": ask_ratios,
    "covariates": ask_covariates,
    "ratio_covariates": ask_ratio_covariates,
    "always_valid": ask_always_valid,
    "one_sided": ask_always_valid,
    "non_inferiority": ask_non_inferiority,
    "srm": ask_srm,
    "sample_sizes": ask_sample_sizes,
    "powers": ask_powers,
    "detectable_effects": ask_detectable_effects,
    "multiplicity": ask_multiplicity,
    "omnibus_proportions": ask_omnibus_proportions,
    "omnibus_means": ask_omnibus_means,
    "chances": ask_chances,
    "signs": ask_signs,
}

PRINTED = [(statistic, case) for statistic, cases in ANSWERS.items() for case in cases if case.get("printed")]


def is_equal(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, float):
        return bool(found == pytest.approx(wanted, rel=1e-6, abs=1e-12))
    if isinstance(wanted, list):
        return len(found) == len(wanted) and all(is_equal(*pair) for pair in zip(found, wanted, strict=True))
    return bool(found == wanted)


def is_as_printed(figure: float, printed: str) -> bool:
    share = printed.endswith("%")
    number = Decimal(printed.rstrip("%"))
    last_digit = Decimal(1).scaleb(int(number.as_tuple().exponent))
    return abs(Decimal(figure) * (100 if share else 1) - number) <= last_digit * Decimal("0.5001")


@pytest.mark.parametrize("statistic", ASK)
def test_statistic_agrees_with_independent_implementation(statistic: str) -> None:
    cases = ANSWERS[statistic]

    ours = [ASK[statistic](*case["given"]) for case in cases]

    wrong = [
        (case["given"], name, found[name], wanted)
        for found, case in zip(ours, cases, strict=True)
        for name, wanted in case["answer"].items()
        if not is_equal(found[name], wanted)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("statistic", "case"), PRINTED, ids=lambda part: part if isinstance(part, str) else part["source"]
)
def test_statistic_gives_the_figures_that_were_published(statistic: str, case: dict[str, Any]) -> None:
    found = ASK[statistic](*case["given"])

    wrong = {
        name: (found[name], told) for name, told in case["printed"].items() if not is_as_printed(found[name], told)
    }

    assert wrong == {}


def test_golden_file_holds_the_cases_that_were_promised() -> None:
    random = {statistic: sum("source" not in case for case in cases) for statistic, cases in ANSWERS.items()}
    published = sum("source" in case for cases in ANSWERS.values() for case in cases)

    assert set(random) == set(ASK)
    assert min(random.values()) >= 200
    assert published >= 20
    assert VERSIONS["tea-tasting"] == "1.14.0"
