"""Writes answers.json: what independent implementations answer, so that the tests need none of them installed.

Run in an environment of its own, from the project's root:

    pip install tea-tasting==1.14.0 statsmodels==0.15.0 scipy==1.17.1 mpmath==1.4.1
    pip install pydantic && pip install --no-deps gbstats==0.8.0
    python -m tests.experiments.stats.golden.generate

gbstats declares an older numpy than it needs, hence --no-deps. The versions that answered stand in the file.
"""

import json
import platform
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from tests.experiments.stats.golden import oracles
from tests.experiments.stats.golden.published import PUBLISHED, TEA, TEA_CUPED, Given, Published

N_RANDOM = 200
ALPHAS = (0.05, 0.01, 0.1, 0.04, 0.001)
ALTERNATIVES = ("two-sided", "greater", "less")
PACKAGES = ("tea-tasting", "statsmodels", "scipy", "mpmath", "gbstats", "numpy")

Draw = Callable[[np.random.Generator], Given]
Answer = Callable[..., dict[str, Any]]


def draw_level(rng: np.random.Generator) -> Given:
    return [float(rng.choice(ALPHAS)), str(rng.choice(ALTERNATIVES))]


def draw_counts(rng: np.random.Generator) -> Given:
    share = 10 ** rng.uniform(-2, -0.1)
    drawn: Given = []
    for factor in (1.0, rng.uniform(0.7, 1.3)):
        n = int(10 ** rng.uniform(2, 5.5))
        drawn += [n, int(np.clip(rng.binomial(n, min(0.99, share * factor)), 1, n - 1))]
    return drawn


def draw_few_counts(rng: np.random.Generator) -> Given:
    drawn: Given = []
    for n in 10 ** rng.uniform(0, 3.5, 2):
        drawn += [int(n), int(rng.binomial(int(n), 10 ** rng.uniform(-2, -0.1)))]
    return drawn


def draw_sums(rng: np.random.Generator) -> Given:
    centre, shape = 10 ** rng.uniform(0, 4), rng.uniform(0.3, 3)
    drawn: Given = []
    for factor in (1.0, rng.uniform(0.8, 1.25)):
        y = np.ceil(rng.gamma(shape, centre * factor / shape, int(10 ** rng.uniform(0.8, 3.5)))).astype(int)
        y[0] += 1
        drawn += [len(y), int(y.sum()), int((y * y).sum())]
    return drawn


def draw_pairs(rng: np.random.Generator) -> Given:
    rate, spread = rng.uniform(0.05, 0.6), rng.uniform(0.5, 2)
    drawn: Given = []
    for factor in (1.0, rng.uniform(0.8, 1.25)):
        x = 1 + rng.poisson(rng.gamma(1 / spread, 10 * spread, int(10 ** rng.uniform(1.3, 3.5))))
        y = rng.binomial(x, np.clip(rng.beta(2, 2 / rate, len(x)) * factor, 0, 1))
        y[0] += 1
        drawn += [len(y), *(int(total) for total in (y.sum(), (y * y).sum(), x.sum(), (x * x).sum(), (x * y).sum()))]
    return drawn


def draw_triples(rng: np.random.Generator) -> Given:
    drawn: Given = []
    for factor in (1.0, rng.uniform(0.8, 1.25)):
        z = rng.poisson(rng.gamma(1, 5, int(10 ** rng.uniform(1.5, 3.5))))
        x = 1 + rng.poisson(3 + 0.5 * z)
        y = rng.binomial(x, min(0.9, 0.3 * factor) * (z + 2) / (z + 5))
        y[0] += 1
        products = (y, x, z, y * y, x * x, z * z, x * y, y * z, x * z)
        drawn += [len(z), *(int(product.sum()) for product in products)]
    return drawn


def draw_large_sums(rng: np.random.Generator) -> Given:
    drawn = draw_sums(rng)
    while min(drawn[0], drawn[3]) < 100:
        drawn = draw_sums(rng)
    return drawn


def draw_ratio_counts(rng: np.random.Generator) -> Given:
    weights = [int(weight) for weight in rng.integers(1, 10, int(rng.integers(2, 6)))]
    tilted = np.array(weights) * rng.uniform(0.97, 1.03, len(weights))
    return [[int(n) for n in rng.multinomial(int(10 ** rng.uniform(1, 6)), tilted / tilted.sum())], weights]


def draw_plan(rng: np.random.Generator) -> Given:
    kind = str(rng.choice(["proportion", "mean"]))
    baseline = float(np.round(rng.uniform(0.02, 0.5), 3))
    return [
        kind,
        baseline,
        float(np.round(rng.uniform(0.5, 20), 2)),
        float(np.round(baseline * rng.uniform(0.02, 0.5), 4)),
    ]


def draw_size(rng: np.random.Generator) -> Given:
    power, allocation = rng.uniform(0.6, 0.95), rng.choice([1.0, 0.5, 2.0])
    return [*draw_plan(rng), float(rng.choice(ALPHAS)), round(float(power), 2), float(allocation)]


def draw_power(rng: np.random.Generator) -> Given:
    n_control, allocation = int(10 ** rng.uniform(1.5, 5)), rng.choice([1.0, 0.5, 2.0])
    return [*draw_plan(rng), n_control, float(rng.choice(ALPHAS)), float(allocation)]


def draw_detectable(rng: np.random.Generator) -> Given:
    kind, baseline, variance, _ = draw_plan(rng)
    n_control, power = int(10 ** rng.uniform(2.5, 5)), round(float(rng.uniform(0.5, 0.95)), 2)
    return [kind, baseline, variance, n_control, float(rng.choice(ALPHAS)), power]


def draw_arms(rng: np.random.Generator) -> Given:
    arms = [part for _ in range(int(rng.integers(1, 4))) for part in np.split(np.array(draw_sums(rng)), 2)]
    return [[[int(value) for value in arm] for arm in arms]]


def draw_table(rng: np.random.Generator) -> Given:
    n = [int(units) for units in 10 ** rng.uniform(2, 4, int(rng.integers(2, 6)))]
    share = rng.uniform(0.05, 0.9)
    return [n, [int(rng.binomial(units, share)) for units in n]]


def draw_p_values(rng: np.random.Generator) -> Given:
    return [[float(f"{p:.6g}") for p in rng.beta(0.3, 1, int(rng.integers(1, 15)))]]


def draw_margin(rng: np.random.Generator) -> Given:
    unit = str(rng.choice(["relative", "absolute"]))
    return [round(float(rng.uniform(0.01, 0.3)), 3), unit, bool(rng.integers(2))]


def draw_wins(rng: np.random.Generator) -> Given:
    return [int(wins) for wins in rng.integers(1, int(10 ** rng.uniform(0.5, 4)), 2)]


STATISTICS: dict[str, tuple[Draw, Answer]] = {
    "proportions": (lambda rng: [*draw_counts(rng), *draw_level(rng)], oracles.compare_proportions),
    "means": (lambda rng: [*draw_sums(rng), *draw_level(rng)], oracles.compare_means),
    "ratios": (lambda rng: [*draw_pairs(rng), *draw_level(rng)], oracles.compare_ratios),
    "covariates": (lambda rng: [*draw_pairs(rng), *draw_level(rng)], oracles.compare_with_covariate),
    "ratio_covariates": (
        lambda rng: [*draw_triples(rng), *draw_level(rng)],
        oracles.compare_ratios_with_covariate,
    ),
    "always_valid": (
        lambda rng: [*draw_large_sums(rng), int(10 ** rng.uniform(2, 5)), float(rng.choice(ALPHAS))],
        oracles.always_valid,
    ),
    "one_sided": (
        lambda rng: [*draw_large_sums(rng), int(10 ** rng.uniform(2, 5)), float(rng.choice(ALPHAS)), "greater"],
        oracles.always_valid_one_sided,
    ),
    "non_inferiority": (lambda rng: [*draw_sums(rng), *draw_margin(rng)], oracles.non_inferiority),
    "srm": (draw_ratio_counts, oracles.sample_ratio),
    "sample_sizes": (draw_size, oracles.sample_size),
    "powers": (draw_power, oracles.power),
    "detectable_effects": (draw_detectable, oracles.detectable_effect),
    "multiplicity": (draw_p_values, oracles.multiplicity),
    "omnibus_proportions": (draw_table, oracles.omnibus_proportions),
    "omnibus_means": (draw_arms, oracles.omnibus_means),
    "chances": (draw_few_counts, oracles.chance_to_beat),
    "signs": (
        lambda rng: [int(wins) for wins in rng.integers(1, int(10 ** rng.uniform(0.5, 4)), 2)],
        oracles.sign_test,
    ),
}


def list_published() -> dict[str, list[Published]]:
    """Return the published cases with tea-tasting's own examples, whose data only it can make."""
    plain, with_history = oracles.make_users(covariates=False), oracles.make_users(covariates=True)
    examples = [
        ("means", TEA, plain("sessions"), "-0.66%", "-3.7%", "2.5%", "0.674"),
        ("ratios", TEA, plain("orders", "sessions"), "8.8%", "-0.89%", "19%", "0.0762"),
        ("means", TEA, plain("orders"), "8.0%", "-2.0%", "19%", "0.118"),
        ("means", TEA, plain("revenue"), "9.3%", "-2.4%", "22%", "0.123"),
        ("covariates", TEA_CUPED, with_history("sessions", "sessions_covariate"), "-0.68%", "-3.2%", "1.9%", "0.603"),
        ("covariates", TEA_CUPED, with_history("orders", "orders_covariate"), "11%", "2.9%", "20%", "0.00733"),
        ("covariates", TEA_CUPED, with_history("revenue", "revenue_covariate"), "14%", "3.8%", "26%", "0.00674"),
    ]
    cases = {statistic: list(published) for statistic, published in PUBLISHED.items()}
    for statistic, source, given, *printed in examples:
        names = ("relative", "relative_low", "relative_high", "p_value")
        case = Published(source, [*given, 0.05, "two-sided"], dict(zip(names, printed, strict=True)))
        cases.setdefault(statistic, []).append(case)
    return cases


def shorten(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [shorten(part) for part in value]
    return float(f"{value:.10g}") if isinstance(value, float) else value


def write_row(given: Given, answer: dict[str, Any], **more: Any) -> str:
    row = {"given": given, "answer": {name: shorten(value) for name, value in answer.items()}, **more}
    return json.dumps(row, separators=(",", ":"))


def main() -> None:
    """Draw, ask, and write one case a line."""
    published = list_published()
    parts = []
    for statistic, (draw, answer) in STATISTICS.items():
        rng = np.random.default_rng(list(statistic.encode()))
        drawn = [draw(rng) for _ in range(N_RANDOM)]
        rows = [write_row(given, answer(*given)) for given in drawn]
        for case in published.get(statistic, []):
            told = asdict(case)
            rows.append(write_row(told.pop("given"), answer(*case.given), **told))
        parts.append(f"{json.dumps(statistic)}: [\n" + ",\n".join(rows) + "\n]")
    versions = {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}
    text = '{\n"versions": ' + json.dumps(versions) + ",\n" + ",\n".join(parts) + "\n}\n"
    Path(__file__).with_name("answers.json").write_text(text)


if __name__ == "__main__":
    main()
