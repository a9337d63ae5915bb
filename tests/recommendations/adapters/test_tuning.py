"""Hyperparameter optimisation: what does best on users that were held out is trained with."""

from typing import Any

import numpy as np
import pytest

from recommendations.adapters.embedded import tuning
from recommendations.adapters.embedded.tuning import Range, Tuning, tune
from recommendations.engine.exceptions import TrainingStopped
from recommendations.engine.interactions import Interactions
from recommendations.models.resources import Solution

CHAIN = [f"item-{place:02}" for place in range(40)]


@pytest.fixture
def interactions() -> Interactions:
    rng = np.random.default_rng(3)
    rows = []
    for user in range(150):
        start = int(rng.integers(0, 30))
        rows += [(f"user-{user}", CHAIN[(start + step) % 40], 1_700_000_000 + step * 60) for step in range(20)]
    users, items, times = zip(*rows, strict=True)
    return Interactions.from_columns(users, items, times, ["view"] * len(rows))


def solution_of(*ranges: Range, n_models: int = 5, **hyperparameters: str) -> Solution:
    asked = {"tuning": Tuning(n_models, ranges).to_json()} if ranges else {}
    return Solution(recipe="aws-popularity-count", hyperparameters=hyperparameters, settings=asked)


def never() -> bool:
    return False


def test_tune_chooses_what_does_best_among_its_own_and_the_draws(
    interactions: Interactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[dict[str, Any]] = []

    def build(recipe: str, given: dict[str, Any], *_: Any, **__: Any) -> Any:
        tried.append(given)
        return _Scored(float(given.get("half_life_days", 1.0)))

    monkeypatch.setattr(tuning, "build_recommender", build)
    monkeypatch.setattr(tuning, "evaluate", lambda model, *_, **__: model)
    half_life = Range("half_life_days", "half_life_days", "number", 10, 20)

    chosen = tune(solution_of(half_life), interactions, should_stop=never)
    kept = tune(solution_of(half_life, half_life_days="30"), interactions, should_stop=never)

    drawn = [float(each["half_life_days"]) for each in tried[1:5]]
    assert tried[0] == {}
    assert all(10 <= each <= 20 for each in drawn)
    assert float(chosen["half_life_days"]) == max(drawn)
    assert [each["half_life_days"] for each in tried[5:6]] == ["30"]
    assert len(tried) == 10
    assert kept == {}


class _Scored:
    """A model whose figure is the nearer to its best, the greater its half-life."""

    def __init__(self, value: float) -> None:
        self.value = value

    def fit(self, *_: Any, **__: Any) -> None: ...

    def metric(self, name: str) -> "_Scored":
        assert name == tuning.OBJECTIVE
        return self


def test_tune_trains_real_models_the_same_way_each_time(interactions: Interactions) -> None:
    ranges = (Range("half_life_days", "half_life_days", "number", 0.01, 100),)

    first = tune(solution_of(*ranges, n_models=3), interactions, should_stop=never)
    second = tune(solution_of(*ranges, n_models=3), interactions, should_stop=never)

    assert first == second


def test_tune_of_nothing_or_of_too_few_users_changes_nothing(interactions: Interactions) -> None:
    one = Interactions.from_columns(["u", "u"], ["a", "b"], [1, 2], ["view", "view"])

    assert tune(solution_of(), interactions, should_stop=never) == {}
    assert tune(solution_of(Range("x", "x", "integer", 1, 2)), one, should_stop=never) == {}


def test_tune_stops_when_told(interactions: Interactions) -> None:
    solution = solution_of(Range("half_life_days", "half_life_days", "number", 1, 2))

    with pytest.raises(TrainingStopped):
        tune(solution, interactions, should_stop=lambda: True)


def test_ranges_are_kept_whole_and_drawn_within_their_bounds() -> None:
    ranges = (
        Range("bptt", "bptt", "integer", 2, 4),
        Range("recency_mask", "recency_mask", "choice", choices=("true", "false")),
        Range("popularity_discount", "popularity_discount_factor", "number", 0.1, 0.2),
    )
    solution = solution_of(*ranges)
    rng = np.random.default_rng(0)

    kept = Tuning.of(solution)

    assert kept == Tuning(5, ranges)
    drawn = [[each.draw(rng) for each in ranges] for _ in range(50)]
    assert {each[0] for each in drawn} == {"2", "3", "4"}
    assert {each[1] for each in drawn} == {"true", "false"}
    assert all(0.1 <= float(each[2]) <= 0.2 for each in drawn)
