"""PURE hyperparameters by Amazon's names: those that are the engine's by another, and those that no part here has."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

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
