"""Hyperparameters by Amazon's names: those that are the engine's by another, and those that no part here has."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from recommendations.adapters.embedded.tuning import Range, Tuning
from recommendations.engine.exceptions import InvalidHyperparameter
from recommendations.engine.hyperparameters import Hyperparameter
from recommendations.engine.recipes import parse_hyperparameters
from recommendations.server.recipes import trained_as

HOURS: Mapping[str, float] = MappingProxyType({"30 minutes": 0.5, "1 hour": 1.0, "3 hours": 3.0, "1 day": 24.0})


@dataclass(frozen=True, slots=True)
class AmazonsOwn:
    """A number that Amazon's recipe takes and the engine's does not, by this name.

    Attributes:
        parameter: its name, range and default as Amazon has them.
        becomes: the engine's name for it; empty where no part of the recipe here has such a thing, so that it is
            checked, kept and passed over.
    """

    parameter: Hyperparameter
    becomes: str = ""

    def translate(self, value: object) -> dict[str, object]:
        """Return it as the engine takes it; nothing where it is passed over.

        Raises:
            InvalidHyperparameter: it is none, or out of Amazon's range.
        """
        number = self.parameter.parse(value)
        if not self.becomes:
            return {}
        return {self.becomes: HOURS[self.parameter.choices[int(number)]] if self.parameter.choices else number}


# What is drawn where a request names no ranges, beside Amazon's own that the engine has: what changes a model most.
TUNED = frozenset({"hidden_dimension", "bptt", "recency_mask", "window", "popularity_discount", "history_decay"})
# Amazon Personalize developer guide, "Hyperparameters and HPO": the most models that are compared.
MAX_MODELS = 40
DEFAULT_MODELS = 4


def _integer(name: str, default: float, low: float, high: float, meaning: str) -> AmazonsOwn:
    return AmazonsOwn(Hyperparameter(name, "integer", default, low, high, meaning))


def _percentile(name: str, default: float, meaning: str) -> AmazonsOwn:
    return AmazonsOwn(Hyperparameter(name, "number", default, 0, 1, meaning))


def _flag(name: str, meaning: str) -> AmazonsOwn:
    return AmazonsOwn(Hyperparameter(name, "flag", 1, 0, 1, meaning))


_DISCOUNT_FACTOR = AmazonsOwn(
    Hyperparameter("popularity_discount_factor", "number", 0.5, 0, 1, "how strongly popular items are held back"),
    "popularity_discount",
)
_HISTORY = (
    _percentile("min_user_history_length_percentile", 0.0, "shorter histories are left out"),
    _percentile("max_user_history_length_percentile", 0.99, "longer histories are left out"),
)
_NETWORK = (
    _integer("hidden_dimension", 149, 32, 256, "the width of the network's states"),
    _integer("bptt", 32, 2, 32, "the events that a prediction looks back on in training"),
    _flag("recency_mask", "whether recent events count more"),
    *_HISTORY,
)
_TRANSFORMER = (_flag("apply_recency_bias", "whether recent events count more"),)
# Amazon Personalize developer guide, "Choosing a recipe": each recipe's "Properties and hyperparameters".
AMAZONS_OWN: Mapping[str, tuple[AmazonsOwn, ...]] = MappingProxyType(
    {
        "aws-user-personalization": _NETWORK,
        "aws-user-personalization-v2": _TRANSFORMER,
        "aws-personalized-ranking": _NETWORK,
        "aws-personalized-ranking-v2": _TRANSFORMER,
        "aws-sims": (
            _DISCOUNT_FACTOR,
            _integer("min_cointeraction_count", 3, 0, 10, "the fewest events that two items must share"),
            *_HISTORY,
            _percentile("min_item_interaction_count_percentile", 0.01, "items of fewer events are left out"),
            _percentile("max_item_interaction_count_percentile", 0.9, "items of more events are left out"),
        ),
        "aws-similar-items": (
            _DISCOUNT_FACTOR,
            _integer("item_id_hidden_dim", 100, 30, 200, "the width of an item's vector"),
            _integer("item_metadata_hidden_dim", 100, 1, 300, "the width of an attribute's vector"),
        ),
        "aws-trending-now": (
            AmazonsOwn(
                Hyperparameter(
                    "trend_discovery_frequency", "choice", 3, 0, 3, "the length of a bucket of time", tuple(HOURS)
                ),
                "bucket_hours",
            ),
        ),
    }
)


def parameters_of(name: str) -> tuple[Hyperparameter, ...]:
    """Return all that the solution of a recipe may be given, Amazon's own first."""
    own = tuple(each.parameter for each in AMAZONS_OWN.get(name, ()))
    return (*own, *trained_as(name).hyperparameters)


def default_text(parameter: Hyperparameter) -> str:
    """Return a hyperparameter's default as requests give it."""
    if parameter.kind == "choice":
        return parameter.choices[int(parameter.default)]
    if parameter.kind == "flag":
        return "true" if parameter.default else "false"
    return f"{parameter.default:g}"


def read_hyperparameters(name: str, config: Mapping[str, Any]) -> dict[str, object]:
    """Return what the engine is to train a solution's recipe with.

    Args:
        name: of the recipe, as the request has it.
        config: the request's `solutionConfig`; both kinds of parameters are taken together.

    Raises:
        InvalidHyperparameter: one is unknown, not of its kind or out of range; the message names it.
    """
    given = {**config.get("algorithmHyperParameters", {}), **config.get("featureTransformationParameters", {})}
    known = {parameter.name for parameter in parameters_of(name)}
    for each in given:
        if each not in known:
            raise InvalidHyperparameter(f"{name} has no hyperparameter {each!r}. It has: {', '.join(sorted(known))}.")
    own = {each.parameter.name: each for each in AMAZONS_OWN.get(name, ())}
    read: dict[str, object] = {each: value for each, value in given.items() if each not in own}
    for each in own.keys() & given.keys():
        read.update(own[each].translate(given[each]))
    parse_hyperparameters(trained_as(name), read)
    return read


def is_tuned(name: str, parameter: Hyperparameter) -> bool:
    """Return whether an optimisation of a recipe draws a hyperparameter where no range is named."""
    own = {each.parameter.name: each for each in AMAZONS_OWN.get(name, ())}
    hidden = {each.becomes for each in own.values()}
    if parameter.name in own:
        return bool(own[parameter.name].becomes in TUNED)
    return parameter.name in TUNED and parameter.name not in hidden


def read_tuning(name: str, config: Mapping[str, Any]) -> Tuning:
    """Return what an optimisation of a recipe compares.

    Args:
        name: of the recipe.
        config: the request's `hpoConfig`; names that no part of the recipe here has are passed over.

    Raises:
        InvalidHyperparameter: a range is of an unknown name, or not within the hyperparameter's own; or the number of
            models is none. The message names it.
    """
    known = {parameter.name: parameter for parameter in parameters_of(name)}
    given = _given_ranges(config.get("algorithmHyperParameterRanges", {}))
    for each in given.keys() - known.keys():
        raise InvalidHyperparameter(f"{name} has no hyperparameter {each!r}. It has: {', '.join(sorted(known))}.")
    chosen = given or {each: {} for each, parameter in known.items() if is_tuned(name, parameter)}
    becomes = {each.parameter.name: each.becomes for each in AMAZONS_OWN.get(name, ())}
    ranges = [
        replace(_range(known[each], limits), name=becomes.get(each, each))
        for each, limits in chosen.items()
        if becomes.get(each, each)
    ]
    return Tuning(_n_models(config.get("hpoResourceConfig", {})), tuple(ranges))


def _given_ranges(given: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The ranges of a request by name, of whichever kind it calls them."""
    return {each["name"]: each for kind in given.values() for each in kind if "name" in each}


def _range(parameter: Hyperparameter, limits: Mapping[str, Any]) -> Range:
    name = parameter.name
    if parameter.kind in {"flag", "choice"}:
        values = tuple(limits.get("values") or parameter.choices or ("true", "false"))
        for value in values:
            parameter.parse(value)
        return Range(name, name, "choice", choices=values)
    low, high = (
        parameter.parse(limits.get("minValue", parameter.low)),
        parameter.parse(limits.get("maxValue", parameter.high)),
    )
    if low > high:
        raise InvalidHyperparameter(f"{name}: minValue {low:g} is above maxValue {high:g}; give them in order.")
    return Range(name, name, "integer" if parameter.kind == "integer" else "number", low, high)


def _n_models(given: Mapping[str, Any]) -> int:
    text = given.get("maxNumberOfTrainingJobs", str(DEFAULT_MODELS))
    if not text.isdecimal() or not 1 <= int(text) <= MAX_MODELS:
        raise InvalidHyperparameter(f"maxNumberOfTrainingJobs is {text!r}; give an integer from 1 to {MAX_MODELS}.")
    return int(text)
