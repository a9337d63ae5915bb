import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from experiments.stats import Arm, ChanceToBeat, Inconclusive, Kind, StatsError, chance_to_beat


def ask(control: Arm, treatment: Arm, **more: Any) -> ChanceToBeat:
    answer = chance_to_beat(control=control, treatment=treatment, **more)
    assert isinstance(answer, ChanceToBeat)
    return answer


def counts(n: int, successes: int) -> Arm:
    return Arm.from_counts(n=n, successes=successes)


def test_chance_of_equals_is_even_and_swaps_with_the_arms() -> None:
    there, back = ask(counts(500, 50), counts(800, 95)), ask(counts(800, 95), counts(500, 50))

    assert ask(counts(500, 50), counts(500, 50)).probability == pytest.approx(0.5)
    assert there.probability + back.probability == pytest.approx(1)
    assert there.loss_if_treatment == pytest.approx(back.loss_if_control)


@settings(deadline=None)
@given(st.integers(1, 10**9), st.integers(1, 10**9), st.floats(0, 1), st.floats(0, 1))
def test_chance_and_losses_are_sound_whatever_the_counts(n_c: int, n_t: int, share_c: float, share_t: float) -> None:
    control, treatment = counts(n_c, round(n_c * share_c)), counts(n_t, round(n_t * share_t))

    answer = ask(control, treatment)

    back = ask(treatment, control)
    assert 0 <= answer.probability <= 1
    assert 0 <= answer.loss_if_treatment <= 1
    assert 0 <= answer.loss_if_control <= 1
    assert answer.probability + back.probability == pytest.approx(1, abs=1e-9)


def test_losses_differ_by_the_difference_of_means() -> None:
    answer = ask(counts(500, 50), counts(800, 95))

    difference = (95 + 1) / (800 + 2) - (50 + 1) / (500 + 2)
    assert answer.loss_if_control - answer.loss_if_treatment == pytest.approx(difference)


def test_chance_turns_round_where_lower_is_better() -> None:
    higher, lower = (ask(counts(500, 50), counts(800, 95), is_higher_better=better) for better in (True, False))

    assert lower.probability == pytest.approx(1 - higher.probability)
    assert lower.loss_if_treatment == higher.loss_if_control


def test_chance_steps_over_no_narrow_posterior_beside_a_wide_one() -> None:
    wide, narrow = counts(5, 1), counts(10_000_000, 3_000_000)

    answer = ask(wide, narrow)

    exact = stats.beta(2, 5).cdf(3_000_001 / 10_000_002)
    assert answer.probability == pytest.approx(exact, abs=1e-7)
    assert ask(narrow, wide).probability == pytest.approx(1 - exact, abs=1e-7)


def test_chance_takes_a_prior() -> None:
    assert ask(counts(0 + 10, 5), counts(10, 9), prior=(500.0, 500.0)).probability < 0.6


def test_chance_of_means_is_that_of_two_normals() -> None:
    control = Arm.from_moments(n=400, mean_y=10.0, centred_yy=399 * 16.0)
    treatment = Arm.from_moments(n=300, mean_y=10.5, centred_yy=299 * 25.0)

    answer = ask(control, treatment, kind="mean")

    posterior = stats.norm(0.5, math.sqrt(16 / 400 + 25 / 300))
    loss, _ = integrate.quad(lambda d: -d * posterior.pdf(d), -np.inf, 0)
    assert answer.method == "normal"
    assert answer.probability == pytest.approx(posterior.sf(0))
    assert answer.loss_if_treatment == pytest.approx(loss, rel=1e-6)


@pytest.mark.parametrize(
    ("kind", "arm", "code"),
    [
        ("proportion", Arm(), "no_units"),
        ("mean", Arm.from_values([1.0]), "too_few_units"),
        ("mean", Arm.from_values([1.0, 1.0]), "no_variance"),
        ("ratio", Arm.from_values([0.0, 0.0], [0.0, 0.0]), "no_denominator"),
    ],
)
def test_chance_of_degenerate_arms_is_inconclusive(kind: Kind, arm: Arm, code: str) -> None:
    answer = chance_to_beat(kind=kind, control=arm, treatment=arm)

    assert isinstance(answer, Inconclusive)
    assert answer.code == code


@pytest.mark.parametrize("prior", [(0.5, 1.0), (1.0, float("nan"))])
def test_chance_refuses_a_prior_it_cannot_integrate(prior: tuple[float, float]) -> None:
    with pytest.raises(StatsError, match=r"^prior: "):
        ask(counts(10, 5), counts(10, 5), prior=prior)
