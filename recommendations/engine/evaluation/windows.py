"""Recipes trained on windows of different lengths and asked the same questions: how much of the past is worth it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from recommendations.engine.evaluation.asking import Comparison, Evaluation, compare, evaluate
from recommendations.engine.evaluation.exposure import Exposure, describe_lists
from recommendations.engine.evaluation.next_event import temporal
from recommendations.engine.evaluation.splits import DAY_S, Case, Split, next_basket
from recommendations.engine.exceptions import EngineError, InvalidHyperparameter, NotEnoughData
from recommendations.engine.interactions import Interactions
from recommendations.engine.models.blend import Blend
from recommendations.engine.recipes import build_recommender, get_recipe
from recommendations.engine.training import Progress

NDCG_AT_10 = "normalized_discounted_cumulative_gain_at_10"
WindowedSplit = Literal["next_basket", "temporal"]
MAX_CASES = 2_000

# Days before the first question; None for all there is.
Window = float | None


@dataclass(frozen=True, slots=True, eq=False)
class Result:
    """One recipe trained on one window.

    Attributes:
        recipe: its name.
        window_days: what it was trained on; None for all.
        n_events: how many events that are.
        train_cpu_s: CPU-seconds of the training.
        evaluation: how it did.
        exposure: what its lists show.
        weights: of each part that takes part, of a blend.
        against_first: NDCG@10 against the first recipe on the same window; None for the first.
        against_longest: NDCG@10 against the same recipe on the longest window; None for the longest.
    """

    recipe: str
    window_days: Window
    n_events: int
    train_cpu_s: float
    evaluation: Evaluation
    exposure: Exposure
    weights: Mapping[str, float]
    against_first: Comparison | None = None
    against_longest: Comparison | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A recipe that a window's data do not suit, and why."""

    recipe: str
    window_days: Window
    reason: str


@dataclass(frozen=True, slots=True)
class Asking:
    """What is asked, and how a recipe may train.

    Attributes:
        split: each shopper's next basket as one list, or each of the first 20 next events.
        test_days: length of the test time; a tenth of the whole time by default.
        filter_seen: whether items of the history are taken out of lists and answers.
        budget_s: CPU-seconds of each training; None for no limit.
        seed: of everything random.
        event_weights: weight of each event type; the recipes' own by default.
    """

    split: WindowedSplit = "next_basket"
    test_days: float | None = None
    filter_seen: bool = False
    budget_s: float | None = None
    seed: int = 0
    event_weights: Mapping[str, float] | None = None


def compare_windows(
    interactions: Interactions,
    recipes: Sequence[str],
    windows: Sequence[Window],
    asking: Asking | None = None,
    progress: Progress | None = None,
) -> tuple[tuple[Result, ...], tuple[Skipped, ...]]:
    """Train every recipe on every window, and ask all of them the same questions.

    A campaign that was trained on a window knows no shopper's past from before it, so histories begin with the window
    as well. Recipes are compared case by case, which is far surer than by their intervals.

    Args:
        interactions: all events, the test time's too.
        recipes: names; the others are compared with the first.
        windows: days before the test time, None for all.
        asking: what is asked.
        progress: called with the share done, 0..1, and a note.

    Returns:
        The results, window by window in the order given, and what could not be trained.

    Raises:
        UnknownRecipe: a recipe's name is wrong.
        InvalidHyperparameter: a window or the test time is not above 0.
        NotEnoughData: there is nothing to train on or to ask.
    """
    asking = asking or Asking()
    for recipe in recipes:
        get_recipe(recipe)
    for window in windows:
        if window is not None and not 0 < window < float("inf"):
            raise InvalidHyperparameter(f"window is {window}; give days above 0, or all.")
    split = _split(interactions, asking)
    results: list[Result] = []
    skipped: list[Skipped] = []
    for number, (window, recipe) in enumerate((window, recipe) for window in windows for recipe in recipes):
        if progress is not None:
            progress(number / (len(windows) * len(recipes)), f"{recipe}, {say_window(window)}")
        try:
            results.append(_try(split, recipe, window, asking))
        except EngineError as error:
            skipped.append(Skipped(recipe, window, str(error)))
    return tuple(_set_beside(each, results, recipes[0]) for each in results), tuple(skipped)


def say_window(window: Window) -> str:
    """Return a window as people say it."""
    return "all" if window is None else f"{window:g} days"


def _split(interactions: Interactions, asking: Asking) -> Split:
    if asking.test_days is not None and not 0 < asking.test_days < float("inf"):
        raise InvalidHyperparameter(f"test_days is {asking.test_days}; give a number above 0.")
    if asking.split == "next_basket":
        split = next_basket(interactions, asking.test_days, max_users=MAX_CASES)
    else:
        split = temporal(interactions, asking.test_days)
    if not len(split.train):
        raise NotEnoughData("There are no interactions before the test time.")
    cases = split.cases
    if asking.filter_seen:
        # By the whole history, so that every window is asked the same.
        cases = tuple(map(Case.without_repeats, cases))
    return Split(split.name, split.train, tuple(case for case in cases if case.truth), split.item_ids)


def _try(whole: Split, recipe: str, window: Window, asking: Asking) -> Result:
    split = whole if window is None else _narrow(whole, window)
    is_list = asking.split == "next_basket"
    model = build_recommender(
        recipe,
        event_weights=asking.event_weights,
        seed=asking.seed,
        questions="newest_tenth" if is_list else "next_event",
        repeats=not asking.filter_seen,
    )
    started_s = time.process_time()
    model.fit(split.train, budget_s=asking.budget_s)
    train_cpu_s = time.process_time() - started_s
    evaluation = evaluate(model, split, repeats=not asking.filter_seen)
    return Result(
        recipe=recipe,
        window_days=window,
        n_events=len(split.train),
        train_cpu_s=train_cpu_s,
        evaluation=evaluation,
        exposure=describe_lists(evaluation.lists, split.train, len(split.item_ids)),
        weights=model.taking_part() if isinstance(model, Blend) else {},
    )


def _narrow(whole: Split, window: float) -> Split:
    """The split as a campaign sees it that was trained on the newest days before the test time."""
    begins_at = int(whole.train.timestamps.max()) - window * DAY_S
    keep = whole.train.timestamps >= begins_at
    cases = tuple(
        replace(case, history=tuple(event for event in case.history if event.timestamp >= begins_at))
        for case in whole.cases
    )
    return Split(whole.name, whole.train.take(np.asarray(keep)), cases, whole.item_ids)


def _set_beside(result: Result, results: Sequence[Result], first: str) -> Result:
    same_window = {each.recipe: each for each in results if each.window_days == result.window_days}
    mine = [each for each in results if each.recipe == result.recipe]
    longest = max(mine, key=lambda each: np.inf if each.window_days is None else each.window_days)
    return replace(
        result,
        against_first=_against(result, same_window.get(first)),
        against_longest=_against(result, longest),
    )


def _against(result: Result, rival: Result | None) -> Comparison | None:
    if rival is None or rival is result:
        return None
    return compare(result.evaluation, rival.evaluation, NDCG_AT_10)
