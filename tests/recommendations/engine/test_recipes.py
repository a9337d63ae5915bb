from __future__ import annotations

import importlib.util

import pytest

from recommendations.engine.exceptions import ExtraMissing, InvalidHyperparameter, UnknownRecipe
from recommendations.engine.models.blend import Blend
from recommendations.engine.models.hrnn import Hrnn
from recommendations.engine.models.popularity import Popularity
from recommendations.engine.recipes import (
    DEFAULT_EVENT_WEIGHTS,
    OFFERED_RECIPES,
    RECIPES,
    SHOPPER_RECIPES,
    build_recommender,
    get_recipe,
    parse_hyperparameters,
)

NEEDS_TORCH = "aws-user-personalization-v2"
HAS_TORCH = importlib.util.find_spec("torch") is not None


def test_build_recommender_makes_the_blend_by_default() -> None:
    model = build_recommender()

    assert isinstance(model, Blend)
    assert list(model.parts) == ["rules", "ease", "item_knn", "vsknn", "popularity", "repeats", "content", "hrnn"]
    assert model.event_weights == DEFAULT_EVENT_WEIGHTS


def test_build_recommender_takes_an_arn_and_numbers_as_text() -> None:
    arn = "arn:aws:personalize:::recipe/aws-popularity-count"

    model = build_recommender(arn, {"half_life_days": "7.5"}, event_weights={"purchase": 5.0})

    assert isinstance(model, Popularity)
    assert (model.half_life_days, model.event_weights) == (7.5, {"purchase": 5.0})


@pytest.mark.parametrize(
    ("given", "expected"), [("true", True), ("False", False), (True, True), (0, False), ("1", True)]
)
def test_build_recommender_takes_a_flag_as_personalize_sends_it(given: object, expected: bool) -> None:
    model = build_recommender("aws-hrnn", {"recency_mask": given, "hidden_dimension": "43"}, seed=4)

    assert isinstance(model, Hrnn)
    assert (model.recency_mask, model.hidden_dimension, model.seed) == (expected, 43, 4)
    with pytest.raises(InvalidHyperparameter, match="recency_mask is 'maybe'; give true or false"):
        build_recommender("aws-hrnn", {"recency_mask": "maybe"})


def test_get_recipe_lists_the_recipes_there_are() -> None:
    with pytest.raises(UnknownRecipe, match=r"'aws-sorcery'.*aws-user-personalization, .*aws-popularity-count"):
        get_recipe("aws-sorcery")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"hidden_dimension": 149}, "no hyperparameter 'hidden_dimension'. It has: window"),
        ({"window": "ten"}, "window is 'ten'; give an integer from 1 to 100"),
        ({"window": 0}, "window is 0; give an integer from 1 to 100"),
        ({"window": 2.5}, "window is 2.5"),
        ({"window": True}, "window is True"),
        ({"history_decay": "nan"}, "history_decay is 'nan'; give a number from 0.01 to 1"),
        ({"half_life_days": None}, "half_life_days is None"),
    ],
)
def test_build_recommender_names_a_wrong_hyperparameter(given: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidHyperparameter, match=said):
        build_recommender("aws-user-personalization", given)


@pytest.mark.parametrize("name", [name for name in RECIPES if name != NEEDS_TORCH or HAS_TORCH])
def test_every_default_is_within_its_own_range(name: str) -> None:
    for parameter in RECIPES[name].hyperparameters:
        for value in (parameter.default, parameter.low, parameter.high):
            assert parameter.parse(str(value) if parameter.kind == "number" else str(int(value))) == value
        build_recommender(name, {parameter.name: parameter.high}).check()
        build_recommender(name, {parameter.name: parameter.low}).check()


def test_build_recommender_suits_a_blend_to_what_it_is_asked() -> None:
    next_event = build_recommender(repeats=False)
    lists = build_recommender(questions="newest_tenth")

    assert isinstance(next_event, Blend)
    assert isinstance(lists, Blend)
    assert (next_event.questions, next_event.repeats) == ("next_event", False)
    assert (lists.questions, lists.repeats) == ("newest_tenth", True)


def test_a_recipe_is_refused_where_torch_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)

    with pytest.raises(ExtraMissing, match=r'the extra \[neural\], which is not installed: pip install "torch'):
        build_recommender(NEEDS_TORCH)
    with pytest.raises(ExtraMissing):
        parse_hyperparameters(get_recipe(NEEDS_TORCH), {})


def test_what_has_not_earned_its_place_is_taken_by_name_and_not_offered() -> None:
    assert NEEDS_TORCH in SHOPPER_RECIPES
    assert {*SHOPPER_RECIPES} - {*OFFERED_RECIPES} == {NEEDS_TORCH}


def test_both_blends_differ_by_their_network_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: object())

    first, second = build_recommender(seed=7), build_recommender(NEEDS_TORCH, seed=7)

    assert isinstance(first, Blend)
    assert isinstance(second, Blend)
    assert [name if name != "hrnn" else "transformer" for name in first.parts] == list(second.parts)
    assert first.hyperparameters().keys() == second.hyperparameters().keys()
    assert second.parts["transformer"].seed == 7
