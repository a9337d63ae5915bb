"""Offline metrics of a recipe beside popularity, by Personalize's split and by next basket, repeats in and out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from recommendations.engine.base import Recommender
from recommendations.engine.evaluation.asking import NDCG_AT_25, Comparison, Evaluation, compare, evaluate
from recommendations.engine.evaluation.exposure import describe_lists
from recommendations.engine.evaluation.segments import split_by_segment
from recommendations.engine.evaluation.splits import Split, hold_out_users, next_basket
from recommendations.engine.exceptions import NotEnoughData
from recommendations.engine.interactions import Interactions
from recommendations.engine.recipes import build_recommender
from recommendations.models import Rotation
from recommendations.pipeline.budgets import budget_of
from recommendations.pipeline.context import Progress, ignore_progress

POPULARITY = "aws-popularity-count"
# More shoppers narrow the intervals little and cost time in proportion.
MAX_CASES = 2_000

OnFitted = Callable[[Split, Recommender], None]


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """A recipe and popularity, asked the same cases.

    Attributes:
        split: the split's name.
        repeats: whether items of the history counted and could be recommended.
        recipe: how the rotation's recipe did.
        popularity: how popularity did.
        difference: of their NDCG@25, paired by shopper.
        train: what both were trained on.
    """

    split: str
    repeats: bool
    recipe: Evaluation
    popularity: Evaluation
    difference: Comparison
    train: Interactions

    def headline(self) -> str:
        """The NDCG@25 of both in one line."""
        new, base = self.recipe.metric(NDCG_AT_25), self.popularity.metric(NDCG_AT_25)
        return f"{self.split}: NDCG@25 {new.value:.4f}, popularity {base.value:.4f}"


def measure(
    interactions: Interactions,
    rotation: Rotation,
    *,
    progress: Progress = ignore_progress,
    on_fitted: OnFitted | None = None,
) -> tuple[Beside, ...]:
    """Train the rotation's recipe and popularity on the splits of the data, and ask both the same questions.

    Args:
        interactions: all that was exported.
        rotation: whose recipe, hyperparameters and event weights.
        progress: takes the share done, 0..1, and a note.
        on_fitted: called with each split and the recipe trained on it, so that others may ask it more.

    Returns:
        Two of each split, with repeats and without; none of a split that the data are too few for.
    """
    splits = []
    for make in (hold_out_users, next_basket):
        try:
            splits.append(make(interactions, max_users=MAX_CASES))
        except NotEnoughData:
            continue
    found: list[Beside] = []
    for number, split in enumerate(splits):
        progress(number / len(splits), split.name)
        found.extend(_measure_split(split, rotation, on_fitted))
    return tuple(found)


def to_json(comparisons: tuple[Beside, ...]) -> dict[str, Any]:
    """Return the figures as rows keep them: value, low and high end of the 95% interval."""
    return {
        "splits": [
            {
                "split": each.split,
                "repeats": each.repeats,
                "n_cases": each.recipe.n_cases,
                "recipe": _figures(each.recipe, each.train),
                "popularity": _figures(each.popularity, each.train),
                "ndcg_at_25_difference": _interval(each.difference.difference, each.difference),
                "segments": _segments(each),
            }
            for each in comparisons
        ]
    }


def _measure_split(split: Split, rotation: Rotation, on_fitted: OnFitted | None) -> list[Beside]:
    recipe = build_recommender(
        rotation.recipe, rotation.hyperparameters, rotation.event_weights or None, questions="newest_tenth"
    )
    # Never from last night's model: that one has learned of the shoppers who are held out here.
    recipe.fit(split.train, budget_s=budget_of(rotation))
    if on_fitted is not None:
        on_fitted(split, recipe)
    popularity = build_recommender(POPULARITY, None, rotation.event_weights or None).fit(split.train)
    found = []
    for repeats in (True, False):
        try:
            mine = evaluate(recipe, split, repeats=repeats)
            base = evaluate(popularity, split, repeats=repeats)
        except NotEnoughData:
            continue
        found.append(Beside(split.name, repeats, mine, base, compare(mine, base), split.train))
    return found


def _figures(evaluation: Evaluation, train: Interactions) -> Mapping[str, Any]:
    figures: dict[str, Any] = {metric.name: _interval(metric.value, metric) for metric in evaluation.metrics}
    exposure = describe_lists(evaluation.lists, train)
    return figures | {
        "coverage": round(evaluation.coverage, 5),
        "novelty_bits": round(exposure.novelty_bits, 3),
        "popular_share": round(exposure.popular_share, 5),
    }


def _segments(beside: Beside) -> list[dict[str, Any]]:
    mine, base = (split_by_segment(each, beside.train) for each in (beside.recipe, beside.popularity))
    return [
        {
            "segment": ours.name,
            "n_cases": ours.n_cases,
            "recipe": _interval(ours.value, ours),
            "popularity": _interval(theirs.value, theirs),
        }
        for ours, theirs in zip(mine, base, strict=True)
    ]


def _interval(value: float, ends: Any) -> list[float]:
    return [round(value, 5), round(ends.low, 5), round(ends.high, 5)]
