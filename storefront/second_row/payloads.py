"""What a variation's payload asks for: a rule, or the campaign that a rotation serves."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from recommendations import shared_lists
from recommendations.pipeline.runs import DEFAULT_ROTATION, DEFAULT_SLOT
from recommendations.serving.rotations import find_rotation

logger = logging.getLogger(__name__)

MAX_TOLD = 100


@dataclass(frozen=True, slots=True)
class Rule:
    """A list for everybody; as the second row it has a key of its own, since Most Popular may stand above it."""

    key: str
    row: str
    title: str
    note: str


@dataclass(frozen=True, slots=True)
class FromRotation:
    """The personal list of a rotation's live campaign."""

    rotation: str


TRENDING = Rule(shared_lists.TRENDING, "trending", "Trending Now", "Rising in the last day")
ALSO_POPULAR = Rule(shared_lists.MOST_POPULAR, "also-popular", "Also Popular", "What many shoppers look at")
RULES: Mapping[str, Rule] = MappingProxyType({rule.key: rule for rule in (TRENDING, ALSO_POPULAR)})

Wanted = Rule | FromRotation

# What was complained of, so that each fault is told once a process.
_told: set[str] = set()


def read_payload(payload: Mapping[str, Any]) -> Wanted | None:
    """What the payload asks for.

    Args:
        payload: `{"rule": "trending" | "most-popular"}`, `{"rotation": key}`, `{"slot": slot, "rotation": key}`,
            `{"slot": slot}` or `{"recipe": name}`; the last two choose an active rotation of that slot or recipe.

    Returns:
        The rule or rotation; None where the payload is none of these, or names what there is not.
    """
    if not all(isinstance(value, str) for value in payload.values()):
        return None
    match dict(payload):
        case {"rule": rule, **rest} if not rest:
            return RULES.get(rule)
        case {"rotation": rotation, **rest} if set(rest) <= {"slot"} and rotation:
            return FromRotation(rotation)
        case {"recipe": recipe, **rest} if not rest and recipe:
            return _of(find_rotation(recipe=recipe))
        case {"slot": slot, **rest} if not rest and slot:
            return FromRotation(DEFAULT_ROTATION) if slot == DEFAULT_SLOT else _of(find_rotation(slot=slot))
    return None


def read_or_fall_back(payload: Mapping[str, Any], control: Mapping[str, Any], *, variation: str) -> Wanted:
    """What the payload asks for; control's rule where that is nothing known, which is logged once.

    Args:
        payload: the variation's.
        control: control's payload; the trending rule where that is no rule either.
        variation: its key, for the log.
    """
    wanted = read_payload(payload)
    if wanted is not None:
        return wanted
    if payload:
        _tell(payload, variation)
    return control_rule(control)


def control_rule(control: Mapping[str, Any]) -> Rule:
    """The rule of control's payload; trending where it names none."""
    wanted = read_payload(control)
    return wanted if isinstance(wanted, Rule) else TRENDING


def forget_told() -> None:
    """Tell every fault again; for tests."""
    _told.clear()


def _tell(payload: Mapping[str, Any], variation: str) -> None:
    told = f"{variation} {json.dumps(dict(payload), sort_keys=True, default=str)}"
    if told in _told or len(_told) >= MAX_TOLD:
        return
    _told.add(told)
    logger.error(
        "A variation's payload asks for nothing that the shop knows; its shoppers get control's rule.",
        extra={"code": "payload_unknown", "variation": variation},
    )


def _of(rotation: str | None) -> FromRotation | None:
    return FromRotation(rotation) if rotation is not None else None
