"""Campaigns: what serves a version, with its throughput and its exploration."""

import logging
import math
from collections.abc import Mapping
from typing import Any

from recommendations import conf
from recommendations.adapters.embedded.arns import check_name
from recommendations.adapters.personalize.clients import control
from recommendations.adapters.personalize.finding import create, find_by_name, reason_of, status_of
from recommendations.adapters.personalize.solutions import describe_version, recipe_of
from recommendations.exceptions import InvalidInput, ResourceNotReady
from recommendations.ports import DEFAULT_EXPLORATION, Exploration, Resource, ResourceStatus

logger = logging.getLogger(__name__)

# Amazon Personalize developer guide, "User-Personalization recipe": what item exploration belongs to.
EXPLORING_RECIPES = frozenset({"aws-user-personalization", "aws-user-personalization-v2"})


def ensure_campaign(name: str, version_arn: str, exploration: Exploration) -> Resource:
    """Return the campaign of a name, made where it is missing; it may be pending.

    Raises:
        InvalidInput: the name or the exploration is refused, or the campaign of this name is another one.
        ResourceNotFound, ResourceNotReady: there is no such version, or it is not ACTIVE.
    """
    check_name("name", name)
    _check(exploration)
    version = describe_version(version_arn)
    if version.status is not ResourceStatus.ACTIVE:
        raise ResourceNotReady(f"{version_arn} is {version.status}; a campaign needs an ACTIVE one.")
    explores = recipe_of(version_arn) in EXPLORING_RECIPES

    def find() -> str | None:
        found = find_by_name("list_campaigns", "campaigns", name)
        return None if found is None else str(found["campaignArn"])

    arn = find() or create(lambda: _create(name, version_arn, exploration if explores else None), find)
    described = control("describe_campaign", campaignArn=arn)["campaign"]
    if described["solutionVersionArn"] != version_arn:
        raise InvalidInput(f"name == {name!r}: a campaign of this name serves another solution version.")
    if explores and not _is_same(exploration, described.get("campaignConfig") or {}):
        raise InvalidInput(f"name == {name!r}: a campaign of this name explores otherwise; choose another name.")
    return Resource(arn, status_of(described), reason_of(described))


def _create(name: str, version_arn: str, exploration: Exploration | None) -> str:
    config = {"campaignConfig": _config(exploration)} if exploration is not None else {}
    answer = control(
        "create_campaign",
        name=name,
        solutionVersionArn=version_arn,
        minProvisionedTPS=conf.personalize_min_tps(),
        **config,
    )
    arn = str(answer["campaignArn"])
    logger.info("campaign created", extra={"campaign": arn})
    return arn


def _config(exploration: Exploration) -> dict[str, Any]:
    return {
        "itemExplorationConfig": {
            "explorationWeight": f"{exploration.weight:g}",
            "explorationItemAgeCutOff": f"{exploration.age_cut_off_days:g}",
        }
    }


def _is_same(exploration: Exploration, config: Mapping[str, Any]) -> bool:
    held = config.get("itemExplorationConfig") or {}
    weight = float(held.get("explorationWeight", DEFAULT_EXPLORATION.weight))
    age = float(held.get("explorationItemAgeCutOff", DEFAULT_EXPLORATION.age_cut_off_days))
    return math.isclose(weight, exploration.weight, rel_tol=1e-5) and math.isclose(
        age, exploration.age_cut_off_days, rel_tol=1e-5
    )


def _check(exploration: Exploration) -> None:
    for field, value, most in (
        ("exploration_weight", exploration.weight, 1.0),
        ("exploration_age_cut_off_days", exploration.age_cut_off_days, 36_500.0),
    ):
        if not 0 <= value <= most:
            raise InvalidInput(f"{field} == {value!r}; give a number from 0 to {most:g}.")
