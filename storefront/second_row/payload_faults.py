"""What is wrong with a payload: unknown keys, rules, rotations, recipes or slots, each with what there is."""

from collections.abc import Collection, Mapping
from typing import Any

from recommendations.engine.recipes import answers_shoppers
from recommendations.models import LiveCampaign, Rotation
from recommendations.pipeline.runs import DEFAULT_SLOT
from storefront.second_row.payloads import RULES

KEYS = ("rule", "rotation", "slot", "recipe")
ALONE = ("rule", "recipe")


def find_faults(payload: Mapping[str, Any], *, needs_campaign: bool = False) -> list[str]:
    """The faults, each naming the field and the fix; empty where the second row can act on the payload.

    Args:
        payload: a variation's.
        needs_campaign: whether a rule will not do.
    """
    faults = _find_faults_of_shape(payload)
    if faults:
        return faults
    if "rule" in payload:
        if needs_campaign:
            return ["rule: two campaigns are interleaved; name a rotation or a recipe instead."]
        return _unless_known("rule", payload["rule"], RULES)
    active = [one for one in Rotation.objects.filter(is_active=True) if answers_shoppers(one.recipe)]
    if "recipe" in payload:
        return _unless_known("recipe", payload["recipe"], sorted({one.recipe for one in active}))
    if "rotation" not in payload:
        return _unless_known("slot", payload["slot"], sorted({DEFAULT_SLOT, *(one.slot for one in active)}))
    return _find_faults_of_rotation(payload)


def _find_faults_of_shape(payload: Mapping[str, Any]) -> list[str]:
    unknown = sorted(set(payload) - set(KEYS))
    if unknown:
        return [f"{unknown[0]}: the second row knows no such key; use one of {', '.join(KEYS)}."]
    if not payload:
        return [f"payload: it is empty, so nothing can be shown; give one of {', '.join(KEYS)}."]
    for name, value in payload.items():
        if not isinstance(value, str) or not value:
            return [f"{name}: it is {value!r}, must be a text."]
    mixed = [name for name in ALONE if name in payload and len(payload) > 1]
    return [f"{mixed[0]}: it stands alone; drop {', '.join(sorted(set(payload) - {mixed[0]}))}."] if mixed else []


def _find_faults_of_rotation(payload: Mapping[str, Any]) -> list[str]:
    rotations = {one.key: one for one in Rotation.objects.all() if answers_shoppers(one.recipe)}
    faults = _unless_known("rotation", payload["rotation"], sorted(rotations))
    if faults:
        return faults
    rotation = rotations[payload["rotation"]]
    if payload.get("slot", rotation.slot) != rotation.slot:
        return [f"slot: rotation {rotation.key!r} serves {rotation.slot!r}; name that slot or drop it."]
    if not rotation.is_active:
        return [f"rotation: {rotation.key!r} is disabled and never retrained; enable it first."]
    if not LiveCampaign.objects.filter(rotation=rotation).exists():
        return [f"rotation: {rotation.key!r} has no live campaign yet; run `manage.py retrain {rotation.key}` first."]
    return []


def _unless_known(name: str, value: str, known: Collection[str]) -> list[str]:
    return [] if value in known else [f"{name}: there is no {value!r}; use one of {', '.join(known) or 'none yet'}."]
