"""Cases that others published: what they were given, where, and the figures that they printed, as printed."""

from dataclasses import dataclass, field
from typing import Any

Given = list[Any]


@dataclass(frozen=True)
class Published:
    source: str
    given: Given
    printed: dict[str, str] = field(default_factory=dict)


def proportion(n_control: int, control: int, n_treatment: int, treatment: int, alpha: float = 0.05) -> Given:
    return [n_control, control, n_treatment, treatment, alpha, "two-sided"]


def sums(values: list[float]) -> list[float | int]:
    return [len(values), sum(values), sum(value * value for value in values)]


def two_samples(control: list[float], treatment: list[float]) -> Given:
    return [*sums(control), *sums(treatment), 0.05, "two-sided"]


SLEEP_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
SLEEP_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
MPG_AUTOMATIC = [21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8, 16.4, 17.3, 15.2, 10.4, 10.4, 14.7]
MPG_AUTOMATIC += [21.5, 15.5, 15.2, 13.3, 19.2]
MPG_MANUAL = [21.0, 21.0, 22.8, 32.4, 30.4, 33.9, 27.3, 26.0, 30.4, 15.8, 19.7, 15.0, 21.4]
TOOTH_VC = [4.2, 11.5, 7.3, 5.8, 6.4, 10, 11.2, 11.2, 5.2, 7, 16.5, 16.5, 15.2, 17.3, 22.5]
TOOTH_VC += [17.3, 13.6, 14.5, 18.8, 15.5, 23.6, 18.5, 33.9, 25.5, 26.4, 32.5, 26.7, 21.5, 23.3, 29.5]
TOOTH_OJ = [15.2, 21.5, 17.6, 9.7, 14.5, 10, 8.2, 9.4, 16.5, 9.7, 19.7, 23.3, 23.6, 26.4, 20]
TOOTH_OJ += [25.2, 25.8, 21.2, 14.5, 27.3, 25.5, 26.4, 22.4, 24.5, 24.8, 30.9, 26.4, 27.3, 29.4, 23]
PLANT_CONTROL = [4.17, 5.58, 5.18, 6.11, 4.50, 4.61, 5.17, 4.53, 5.33, 5.14]
PLANT_1 = [4.81, 4.17, 4.41, 3.59, 5.87, 3.83, 6.03, 4.89, 4.32, 4.69]
PLANT_2 = [6.31, 5.12, 5.54, 5.50, 5.37, 5.29, 4.92, 6.15, 5.80, 5.26]
SPRAYS: list[list[float]] = [
    [10, 7, 20, 14, 14, 12, 10, 23, 17, 20, 14, 13],
    [11, 17, 21, 11, 16, 14, 17, 17, 19, 21, 7, 13],
    [0, 1, 7, 2, 3, 1, 2, 1, 3, 0, 1, 4],
    [3, 5, 12, 6, 4, 3, 5, 5, 5, 5, 2, 4],
    [3, 5, 3, 5, 3, 6, 1, 1, 3, 2, 6, 4],
    [11, 9, 15, 22, 15, 16, 13, 10, 26, 26, 24, 13],
]
GROWTHBOOK = [3407, 1396.87, 52377.9767, 3461, 2422.7954, 134698.29]
NEWCOMBE = "Newcombe 1998, Statistics in Medicine 17, 873-890, table II, method 10"
TEA = "tea-tasting 1.14.0, examples of its documentation, make_users_data(rng=42)"
TEA_CUPED = "tea-tasting 1.14.0, examples of its documentation, make_users_data(rng=42, covariates=True)"
DISCOVERIES = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262]
DISCOVERIES += [0.5719, 0.6528, 0.7590, 1.0000]

PUBLISHED: dict[str, list[Published]] = {
    "proportions": [
        Published(f"{NEWCOMBE} (a)", proportion(80, 48, 70, 56), {"low": "0.0524", "high": "0.3339"}),
        Published(f"{NEWCOMBE} (b)", proportion(10, 3, 10, 9), {"low": "0.1705", "high": "0.8090"}),
        Published(f"{NEWCOMBE} (c)", proportion(7, 2, 7, 6), {"low": "0.0582", "high": "0.8062"}),
        Published(f"{NEWCOMBE} (d)", proportion(29, 0, 56, 5), {"low": "-0.0381", "high": "0.1926"}),
        Published(f"{NEWCOMBE} (g)", proportion(20, 0, 10, 10), {"low": "0.6791", "high": "1.0000"}),
        Published(f"{NEWCOMBE} (h)", proportion(10, 0, 10, 10), {"low": "0.6075", "high": "1.0000"}),
        Published(
            "Agresti 2007, Introduction to Categorical Data Analysis, section 2.2: aspirin and heart attacks",
            proportion(11037, 104, 11034, 189),
            {"estimate": "0.008", "relative": "0.82", "relative_low": "0.43", "relative_high": "1.31"},
        ),
        Published(
            "Freedman, Pisani and Purves 2007, Statistics, chapter 1: the Salk vaccine trial of 1954, per person",
            proportion(201229, 142, 200745, 57),
            {"control": "0.00071", "treatment": "0.00028"},
        ),
        Published("R datasets, UCBAdmissions, department A, men and women", proportion(825, 512, 108, 89)),
    ],
    "means": [
        Published(
            "R 4 t.test help, sleep (Student 1908)",
            two_samples(SLEEP_2, SLEEP_1),
            {"estimate": "-1.58", "low": "-3.3654832", "high": "0.2054832", "p_value": "0.07939"},
        ),
        Published(
            "R datasets, mtcars, t.test(mpg ~ am)",
            two_samples(MPG_MANUAL, MPG_AUTOMATIC),
            {"low": "-11.280194", "high": "-3.209684", "p_value": "0.001374"},
        ),
        Published(
            "R datasets, ToothGrowth, t.test(len ~ supp)",
            two_samples(TOOTH_VC, TOOTH_OJ),
            {"low": "-0.1710156", "high": "7.5710156", "p_value": "0.06063"},
        ),
        Published(
            "R datasets, PlantGrowth, t.test of ctrl and trt1",
            two_samples(PLANT_1, PLANT_CONTROL),
            {"low": "-0.2875162", "high": "1.0295162", "p_value": "0.2504"},
        ),
        Published(
            "growthbook gbstats 0.8, test data of its tests", [*GROWTHBOOK, 0.05, "two-sided"], {"p_value": "0.020"}
        ),
    ],
    "always_valid": [
        Published("growthbook gbstats 0.8, test data of its tests", [*GROWTHBOOK, 5000, 0.05]),
    ],
    "srm": [
        Published(
            "Kohavi, Tang and Xu 2020, Trustworthy Online Controlled Experiments, chapter 3",
            [[821588, 815482], [1, 1]],
            {"p_value": "1.8E-6"},
        ),
        Published(
            "Mendel 1866, peas: Fisher 1936",
            [[315, 108, 101, 32], [9, 3, 3, 1]],
            {"statistic": "0.470", "p_value": "0.925"},
        ),
    ],
    "sample_sizes": [
        Published("R 4 power.prop.test help", ["proportion", 0.5, 1.0, 0.25, 0.05, 0.9, 1.0], {"n_control": "77"}),
        Published(
            "R 4 power.prop.test, 20% to 25%", ["proportion", 0.2, 1.0, 0.05, 0.05, 0.8, 1.0], {"n_control": "1094"}
        ),
    ],
    "powers": [
        Published("R 4 power.prop.test help", ["proportion", 0.5, 1.0, 0.25, 50, 0.05, 1.0], {"power": "0.740"}),
    ],
    "detectable_effects": [
        Published("R 4 power.prop.test help", ["proportion", 0.5, 1.0, 50, 0.05, 0.9], {"effect": "0.3026"}),
    ],
    "omnibus_proportions": [
        Published(
            "R 4 prop.test help: Fleiss 1981, smokers among lung cancer patients",
            [[86, 93, 136, 82], [83, 90, 129, 70]],
            {"statistic": "12.6", "p_value": "0.005585"},
        ),
    ],
    "omnibus_means": [
        Published(
            "R datasets, InsectSprays, oneway.test(count ~ spray)",
            [[sums(spray) for spray in SPRAYS]],
            {"statistic": "36.065", "df_within": "30.043", "p_value": "7.999e-12"},
        ),
        Published(
            "R datasets, PlantGrowth, oneway.test(weight ~ group)",
            [[sums(group) for group in (PLANT_CONTROL, PLANT_1, PLANT_2)]],
            {"statistic": "5.181", "df_within": "17.128", "p_value": "0.01739"},
        ),
    ],
    "multiplicity": [
        Published("Benjamini and Hochberg 1995, section 4.1", [DISCOVERIES], {"n_found": "4", "n_certain": "3"}),
    ],
    "signs": [
        Published("Zar 1999, Biostatistical Analysis: legs of deer", [2, 8], {"p_value": "0.109375"}),
    ],
}
