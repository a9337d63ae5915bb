"""Hyperparameter optimisation: some draws from ranges, each measured on users that were held out of its training."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

import numpy as np

from recommendations.adapters.embedded.measuring import MAX_CASES
from recommendations.engine.evaluation.asking import evaluate
from recommendations.engine.evaluation.splits import Split, hold_out_users
from recommendations.engine.exceptions import NotEnoughData
from recommendations.engine.interactions import Interactions
from recommendations.engine.recipes import build_recommender
from recommendations.engine.training import ShouldStop
from recommendations.models.resources import Solution

OBJECTIVE = "normalized_discounted_cumulative_gain_at_25"
# Other users than those that the version's own metrics are of.
SEED = 1


@dataclass(frozen=True, slots=True)
class Range:
    """Where a hyperparameter is drawn from.

    Attributes:
        name: the engine's.
        told: how descriptions call it.
        kind: how it is drawn.
        low, high: of a number, both included.
        choices: what else it may be.
    """

    name: str
    told: str
    kind: Literal["integer", "number", "choice"]
    low: float = 0.0
    high: float = 0.0
    choices: tuple[str, ...] = ()

    def draw(self, rng: np.random.Generator) -> str:
        """Return a value as text, as requests give them."""
        if self.kind == "choice":
            return str(rng.choice(self.choices))
        if self.kind == "integer":
            return str(int(rng.integers(int(self.low), int(self.high) + 1)))
        return f"{rng.uniform(self.low, self.high):.6g}"


@dataclass(frozen=True, slots=True)
class Tuning:
    """What a solution asked for: how many models to compare, and the ranges of their hyperparameters."""

    n_models: int
    ranges: tuple[Range, ...]

    def to_json(self) -> dict[str, Any]:
        """The request as a solution's settings keep it."""
        return {"n_models": self.n_models, "ranges": [asdict(each) for each in self.ranges]}

    @classmethod
    def of(cls, solution: Solution) -> Self | None:
        """Return what a solution asked for; None where it asked for nothing."""
        kept: Mapping[str, Any] | None = solution.settings.get("tuning")
        if kept is None:
            return None
        ranges = [Range(**{**each, "choices": tuple(each["choices"])}) for each in kept["ranges"]]
        return cls(kept["n_models"], tuple(ranges))


def tune(solution: Solution, interactions: Interactions, *, should_stop: ShouldStop) -> dict[str, str]:
    """Return the hyperparameters that did best, by the engine's names; the solution's own are compared first.

    Args:
        solution: recipe, settings and ranges.
        interactions: what it is trained on; what the version's metrics ask for is kept from the comparison.
        should_stop: asked often.

    Returns:
        What to train with in place of the solution's own; empty where nothing did better, or nothing was asked for.

    Raises:
        TrainingStopped: `should_stop` returned true.
    """
    asked = Tuning.of(solution)
    if asked is None or not asked.ranges:
        return {}
    try:
        split = hold_out_users(hold_out_users(interactions, max_users=MAX_CASES).train, seed=SEED, max_users=MAX_CASES)
        return _best(solution, split, _draws(asked), should_stop)
    except NotEnoughData:
        return {}


def _draws(asked: Tuning) -> list[dict[str, str]]:
    rng = np.random.default_rng(SEED)
    return [{}, *({each.name: each.draw(rng) for each in asked.ranges} for _ in range(asked.n_models - 1))]


def _best(solution: Solution, split: Split, draws: Sequence[dict[str, str]], should_stop: ShouldStop) -> dict[str, str]:
    figures = []
    for draw in draws:
        model = build_recommender(
            solution.recipe,
            {**solution.hyperparameters, **draw},
            solution.event_weights or None,
            questions="newest_tenth",
        )
        model.fit(split.train, budget_s=solution.training_budget_s, should_stop=should_stop)
        figures.append(evaluate(model, split, n_resamples=1).metric(OBJECTIVE).value)
    return draws[int(np.argmax(figures))]
