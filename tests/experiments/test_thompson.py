from typing import Any

import numpy as np
import pytest

from benchmarks import thompson
from experiments.stats import Arm, ChanceToBeat, Inconclusive, Kind, StatsError, chance_to_beat
from experiments.thompson import Allocation, allocate

ARMS = {
    "control": Arm.from_counts(n=2000, successes=100),
    "b": Arm.from_counts(n=2000, successes=120),
    "c": Arm.from_counts(n=2000, successes=60),
}


def ask(arms: dict[str, Arm] = ARMS, **more: Any) -> Allocation:
    answer = allocate(arms=arms, **({"seed": "9f2c|2026-01-05"} | more))
    assert isinstance(answer, Allocation)
    return answer


def test_allocation_gives_every_bucket_to_somebody_and_most_to_the_best() -> None:
    weights = dict(ask().weights_bp)

    assert list(weights) == ["control", "b", "c"]
    assert sum(weights.values()) == 10_000
    assert weights["b"] > weights["control"] > weights["c"]


def test_allocation_starves_nobody() -> None:
    hopeless = ARMS | {"c": Arm.from_counts(n=2000, successes=0)}

    assert dict(ask(hopeless, floor_share=0.05).weights_bp)["c"] == 500
    assert dict(ask(hopeless, floor_share=0.0).weights_bp)["c"] == 0
    assert dict(ask(hopeless, floor_share=1 / 3).weights_bp) == pytest.approx(dict.fromkeys(ARMS, 3333), abs=1)


def test_allocation_of_the_same_batch_repeats_and_of_another_differs() -> None:
    assert ask() == ask()
    assert ask().chances != ask(seed="9f2c|2026-01-06").chances


def test_allocation_is_the_chance_of_being_the_best() -> None:
    pair = {name: ARMS[name] for name in ("control", "b")}
    exact = chance_to_beat(control=ARMS["control"], treatment=ARMS["b"])

    found = dict(ask(pair).chances)["b"]

    assert isinstance(exact, ChanceToBeat)
    assert found == pytest.approx(exact.probability, abs=0.01)
    assert dict(ask(pair).weights_bp)["b"] == pytest.approx(1000 + 8000 * found, abs=1)


def test_allocation_turns_round_where_lower_is_better() -> None:
    weights = dict(ask(is_higher_better=False).weights_bp)

    assert max(weights, key=weights.__getitem__) == "c"


@pytest.mark.parametrize("kind", ["mean", "ratio"])
def test_allocation_of_means_and_ratios_follows_the_higher(kind: Kind) -> None:
    rng = np.random.default_rng(1)
    arms = {
        name: Arm.from_values(rng.poisson(level, 500), rng.poisson(5, 500) + 1)
        for name, level in (("low", 2.0), ("high", 2.3))
    }

    weights = dict(ask(arms, kind=kind).weights_bp)

    assert weights["high"] > 8000


def test_allocation_before_any_data_is_even() -> None:
    weights = dict(ask({"a": Arm(), "b": Arm()}).weights_bp)

    assert weights["a"] == pytest.approx(5000, abs=150)


@pytest.mark.parametrize(
    ("arms", "kind", "code"),
    [
        ({"a": Arm()}, "proportion", "one_variation"),
        ({"a": Arm.from_values([1.0, 2.0]), "b": Arm.from_values([1.0, 2.0])}, "mean", "too_few_units"),
        ({"a": Arm.from_values([1.0] * 200), "b": Arm.from_values([1.0, 2.0] * 100)}, "mean", "no_variance"),
        ({"a": Arm.from_values([1.0] * 200), "b": Arm.from_values([1.0] * 200)}, "ratio", "no_denominator"),
    ],
)
def test_allocation_without_a_posterior_is_inconclusive(arms: dict[str, Arm], kind: Kind, code: str) -> None:
    answer = allocate(arms=arms, seed="any", kind=kind)

    assert isinstance(answer, Inconclusive)
    assert answer.code == code


@pytest.mark.parametrize("floor_share", [0.34, -0.1])
def test_allocation_refuses_a_floor_that_not_all_can_have(floor_share: float) -> None:
    with pytest.raises(StatsError, match=r"^floor_share: "):
        ask(floor_share=floor_share)


def test_allocation_refuses_a_proportion_of_other_values() -> None:
    with pytest.raises(StatsError, match=r"^arms: "):
        ask({"a": Arm.from_values([1.0, 5.0]), "b": Arm.from_values([1.0, 0.0])})


def test_adaptive_days_compared_apart_keep_the_level_and_earn_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thompson, "N_RUNS", 60)
    monkeypatch.setattr(thompson, "N_DAYS", 7)

    no_effect = thompson.measure(0.0, is_adaptive=True)
    adaptive, even = (thompson.measure(0.5, is_adaptive=is_adaptive) for is_adaptive in (True, False))

    assert no_effect["always-valid within phases"] <= 0.05
    assert adaptive["successes"] > even["successes"] * 1.05
    assert adaptive["always-valid within phases"] < even["always-valid within phases"]
