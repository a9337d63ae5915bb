"""Amazon Personalize's recipe names, and what the engine trains under each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from recommendations.engine import blend_recipes, hrnn_recipes
from recommendations.engine.base import EventWeights, Recommender
from recommendations.engine.choosing.validation import Kind
from recommendations.engine.exceptions import InvalidHyperparameter, UnknownRecipe
from recommendations.engine.hyperparameters import Hyperparameter
from recommendations.engine.models.blend import Blend
from recommendations.engine.models.hrnn_coldstart import HrnnColdstart
from recommendations.engine.models.popularity import Popularity
from recommendations.engine.models.similar import SimilarItems
from recommendations.engine.models.trending import Trending
from recommendations.engine.neural.torch_body import require_torch

DEFAULT_RECIPE = "aws-user-personalization"
# What a shopper gave back or asked not to see again says nothing about what to show next.
DEFAULT_EVENT_WEIGHTS: Mapping[str, float] = {"hide": 0.0, "return": 0.0}

Values = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Recipe:
    """A named way to train.

    Attributes:
        name: Amazon Personalize's name.
        kind: Amazon Personalize's recipe type.
        summary: one sentence for people.
        hyperparameters: what may be set.
        build: makes an untrained model from every hyperparameter's value, event weights and a seed.
        needs: whose attributes it cannot do without: nobody's, the items', or either the items' or the users'.
        require: raises ExtraMissing where a package that training needs is not installed.
        is_offered: whether lists of recipes to choose from have it; one that they do not have can be named.
    """

    name: str
    kind: Literal["USER_PERSONALIZATION", "PERSONALIZED_RANKING", "RELATED_ITEMS", "POPULAR_ITEMS"]
    summary: str
    build: Callable[[Values, EventWeights, int], Recommender] = field(repr=False)
    hyperparameters: tuple[Hyperparameter, ...] = ()
    needs: Literal["nothing", "items", "items_or_users"] = "nothing"
    require: Callable[[], None] = field(default=lambda: None, repr=False)
    is_offered: bool = True


def _build_popularity_count(values: Values, event_weights: EventWeights, seed: int) -> Recommender:
    return Popularity(half_life_days=values["half_life_days"], event_weights=event_weights, seed=seed)


def _build_trending(values: Values, event_weights: EventWeights, seed: int) -> Recommender:
    return Trending(
        bucket_hours=values["bucket_hours"],
        buckets=int(values["buckets"]),
        decay=values["decay"],
        event_weights=event_weights,
        seed=seed,
    )


def _build_similar(values: Values, event_weights: EventWeights, seed: int) -> Recommender:
    return SimilarItems(
        window=int(values["window"]),
        popularity_discount=values["popularity_discount"],
        row_size=int(values["row_size"]),
        event_weights=event_weights,
        seed=seed,
    )


_SIMILAR = (
    blend_recipes.WINDOW,
    blend_recipes.DISCOUNT,
    Hyperparameter("row_size", "integer", 200, 1, 10_000, "the items kept beside an item"),
)

RECIPES: Mapping[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            "aws-user-personalization",
            "USER_PERSONALIZATION",
            "Sequential rules, EASE or item-kNN, neighbouring sessions, recent popularity and repeats, weighted by "
            "what foretells best.",
            blend_recipes.build_user_personalization,
            blend_recipes.BLEND,
        ),
        Recipe(
            "aws-user-personalization-v2",
            "USER_PERSONALIZATION",
            "The same parts beside a transformer, which takes part within a budget; it trains with torch.",
            blend_recipes.build_user_personalization_v2,
            blend_recipes.BLEND,
            require=require_torch,
            # On MovieLens-1M it reached 0.179 in 148 CPU-seconds, and HRNN in its place 0.184 in 95.
            is_offered=False,
        ),
        Recipe(
            "aws-hrnn",
            "USER_PERSONALIZATION",
            "A recurrent network over a visit's events, and a second one that carries the shopper from visit to visit.",
            hrnn_recipes.build_hrnn,
            hrnn_recipes.HRNN,
        ),
        Recipe(
            "aws-hrnn-metadata",
            "USER_PERSONALIZATION",
            "The same network, where what is known of items is part of their vectors, and what is known of shoppers "
            "begins their states.",
            hrnn_recipes.build_hrnn_metadata,
            hrnn_recipes.HRNN,
            needs="items_or_users",
        ),
        Recipe(
            "aws-hrnn-coldstart",
            "USER_PERSONALIZATION",
            "The network with metadata, which also learns to score new items by their attributes alone.",
            hrnn_recipes.build_hrnn_coldstart,
            hrnn_recipes.HRNN_COLDSTART,
            needs="items",
        ),
        Recipe(
            "aws-personalized-ranking",
            "PERSONALIZED_RANKING",
            "The same scores for a list of at most 500 items that somebody else chose.",
            blend_recipes.build_user_personalization,
            blend_recipes.BLEND,
        ),
        Recipe(
            "aws-similar-items",
            "RELATED_ITEMS",
            "What is taken together with an item, and what comes before and after it.",
            _build_similar,
            _SIMILAR,
        ),
        Recipe(
            "aws-sims",
            "RELATED_ITEMS",
            "The older name of similar items.",
            _build_similar,
            _SIMILAR,
        ),
        Recipe(
            "aws-trending-now",
            "POPULAR_ITEMS",
            "The items that more shoppers take to than before; the same list for everyone.",
            _build_trending,
            (
                Hyperparameter("bucket_hours", "number", 24, 0.01, 8_784, "the length of a bucket of time"),
                Hyperparameter("buckets", "integer", 14, 1, 1_000, "the buckets that the newest is compared with"),
                Hyperparameter("decay", "number", 0.8, 0.01, 1, "a bucket's weight against the next newer one"),
            ),
        ),
        Recipe(
            "aws-popularity-count",
            "POPULAR_ITEMS",
            "The items that most shoppers took to, recent ones counting more; the same list for everyone.",
            _build_popularity_count,
            (blend_recipes.HALF_LIFE,),
        ),
    )
}

ANSWERS_SHOPPERS = frozenset({"USER_PERSONALIZATION", "POPULAR_ITEMS"})
# What answers a shopper alone; the others ask for an item, or for a list to rank.
SHOPPER_RECIPES: Mapping[str, Recipe] = {
    name: recipe for name, recipe in RECIPES.items() if recipe.kind in ANSWERS_SHOPPERS
}
OFFERED_RECIPES: Mapping[str, Recipe] = {name: recipe for name, recipe in SHOPPER_RECIPES.items() if recipe.is_offered}


def kind_of(recipe_name: str) -> str:
    """Return Amazon Personalize's type of a recipe; one that the engine does not know is taken to answer shoppers."""
    recipe = RECIPES.get(recipe_name.rpartition("/")[2])
    return recipe.kind if recipe is not None else "USER_PERSONALIZATION"


def answers_shoppers(recipe_name: str) -> bool:
    """Return whether a recipe answers a shopper alone, without an item or a list to rank."""
    return kind_of(recipe_name) in ANSWERS_SHOPPERS


def get_recipe(name: str) -> Recipe:
    """Return a recipe by its name, or by an ARN that ends in it.

    Raises:
        UnknownRecipe: the engine has no such recipe; the message lists those it has.
    """
    recipe = RECIPES.get(name.rpartition("/")[2])
    if recipe is None:
        raise UnknownRecipe(f"There is no recipe {name!r}. Recipes: {', '.join(RECIPES)}.")
    return recipe


def parse_hyperparameters(recipe: Recipe, given: Mapping[str, object]) -> dict[str, float]:
    """Return the value of every hyperparameter of a recipe to train, the default where none is given.

    Raises:
        ExtraMissing: the recipe needs what is not installed; the message tells the command that installs it.
        InvalidHyperparameter: one is unknown, not a number or out of range; the message names it.
    """
    recipe.require()
    known = {parameter.name: parameter for parameter in recipe.hyperparameters}
    for name in given:
        if name not in known:
            raise InvalidHyperparameter(f"{recipe.name} has no hyperparameter {name!r}. It has: {', '.join(known)}.")
    return {name: parameter.parse(given.get(name, parameter.default)) for name, parameter in known.items()}


def build_recommender(
    recipe_name: str = DEFAULT_RECIPE,
    hyperparameters: Mapping[str, object] | None = None,
    event_weights: EventWeights | None = None,
    seed: int = 0,
    *,
    questions: Kind = "next_event",
    repeats: bool = True,
    now_s: int | None = None,
) -> Recommender:
    """Return an untrained model for a recipe.

    Args:
        recipe_name: a name in RECIPES, or an ARN that ends in one.
        hyperparameters: numbers, or numbers as text, by name; the recipe's defaults where not given.
        event_weights: weight of each event type; DEFAULT_EVENT_WEIGHTS by default.
        seed: of everything random in the training.
        questions: what a blend chooses its weights by: the next event, or a user's newest tenth of events.
        repeats: whether a blend chooses them for lists that may hold items of the history.
        now_s: epoch seconds that new items' ages are told by; the newest event's by default.

    Raises:
        UnknownRecipe: the engine has no such recipe.
        ExtraMissing: the recipe needs what is not installed; the message tells the command that installs it.
        InvalidHyperparameter: one is unknown, not a number or out of range; the message names it.
    """
    recipe = get_recipe(recipe_name)
    values = parse_hyperparameters(recipe, hyperparameters or {})
    model = recipe.build(values, DEFAULT_EVENT_WEIGHTS if event_weights is None else event_weights, seed)
    if isinstance(model, HrnnColdstart):
        model.now_s = now_s
    if isinstance(model, Blend):
        model.questions, model.repeats = questions, repeats
    return model
