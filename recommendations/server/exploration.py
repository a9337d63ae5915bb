"""PURE the numbers of an exploration, which Amazon takes as text."""

from collections.abc import Mapping
from typing import Any

from recommendations.server.wire.faults import invalid

WEIGHT = "explorationWeight"
AGE_CUT_OFF = "explorationItemAgeCutOff"
# Amazon Personalize developer guide, "User-Personalization recipe": the defaults.
DEFAULTS = {WEIGHT: 0.3, AGE_CUT_OFF: 30.0}
HIGHEST = {WEIGHT: 1.0, AGE_CUT_OFF: 36_500.0}


def check_exploration(given: Mapping[str, str], field: str) -> dict[str, float]:
    """Return the weight, 0..1, and the greatest age in days; the defaults where they are not given.

    Args:
        given: both as text, by Amazon's names.
        field: how a refusal calls it.

    Raises:
        ApiFault: InvalidInputException; the message names the field and the range.
    """
    unknown = sorted(set(given) - set(DEFAULTS))
    if unknown:
        raise invalid(f"{field}.{unknown[0]}: there is no such setting; give {' or '.join(DEFAULTS)}.")
    values = dict(DEFAULTS)
    for name, text in given.items():
        try:
            values[name] = float(text)
        except ValueError as error:
            raise invalid(f"{field}.{name} == {text!r}: give a number.") from error
        if not 0 <= values[name] <= HIGHEST[name]:
            raise invalid(f"{field}.{name} == {text!r}: give a number from 0 to {HIGHEST[name]:g}.")
    return values


def exploration_of(config: Mapping[str, Any]) -> tuple[float, float]:
    """Return the weight and the greatest age in days of a campaign's configuration that was checked."""
    values = check_exploration(config.get("itemExplorationConfig") or {}, "itemExplorationConfig")
    return values[WEIGHT], values[AGE_CUT_OFF]
