"""Recipes: what can be trained here."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from recommendations.engine.hyperparameters import Hyperparameter
from recommendations.server.hyperparameters import default_text, is_tuned, parameters_of
from recommendations.server.limits import MAX_RESULTS
from recommendations.server.paging import page_of
from recommendations.server.recipes import DOMAIN_RECIPES, PREFIX, custom_names, name_of, trained_as
from recommendations.server.wire.faults import not_found
from recommendations.server.wire.reading import Parameters

# The recipes have no date of their own here; Amazon's were announced then.
SINCE = datetime(2019, 6, 10, tzinfo=UTC)
ALGORITHM = "arn:aws:personalize:::algorithm/"
TRANSFORMATION = "arn:aws:personalize:::feature-transformation/none"
TIMES = {"creationDateTime": SINCE, "lastUpdatedDateTime": SINCE}


def list_recipes(parameters: Parameters) -> dict[str, Any]:
    """List recipes, of one domain where it is named."""
    domain = parameters.get("domain", "")
    domains = [name for name, recipe in DOMAIN_RECIPES.items() if domain in {"", recipe.domain}]
    names = sorted(domains if domain else [*custom_names(), *domains])
    return page_of("ListRecipes", "recipes", [_summary(name) for name in names], parameters, MAX_RESULTS)


def describe_recipe(parameters: Parameters) -> dict[str, Any]:
    """Tell all of a recipe."""
    name = name_of(parameters["recipeArn"])
    recipe = trained_as(name)
    return {
        "recipe": {
            "name": name,
            "recipeArn": f"{PREFIX}{name}",
            "algorithmArn": f"{ALGORITHM}{name}",
            "featureTransformationArn": TRANSFORMATION,
            "status": "ACTIVE",
            "description": recipe.summary,
            "recipeType": recipe.kind,
            **TIMES,
        }
    }


def describe_algorithm(parameters: Parameters) -> dict[str, Any]:
    """Tell what a recipe is trained by, and which numbers it may be given."""
    arn = parameters["algorithmArn"]
    name = arn.removeprefix(ALGORITHM)
    if name == arn or name not in {*custom_names(), *DOMAIN_RECIPES}:
        raise not_found(arn)
    known = parameters_of(name)
    return {
        "algorithm": {
            "name": name,
            "algorithmArn": arn,
            "defaultHyperParameters": {each.name: default_text(each) for each in known},
            "defaultHyperParameterRanges": _ranges(name, known),
            "trainingInputMode": "File",
            **TIMES,
        }
    }


def describe_feature_transformation(parameters: Parameters) -> dict[str, Any]:
    """Tell of the one transformation that all recipes have, which changes nothing."""
    arn = parameters["featureTransformationArn"]
    if arn != TRANSFORMATION:
        raise not_found(arn)
    told = {"name": "none", "featureTransformationArn": arn, "defaultParameters": {}, "status": "ACTIVE", **TIMES}
    return {"featureTransformation": told}


def _ranges(name: str, parameters: Sequence[Hyperparameter]) -> dict[str, Any]:
    ranges: dict[str, list[dict[str, Any]]] = {"integer": [], "continuous": [], "categorical": []}
    for each in parameters:
        if each.kind in {"integer", "number"}:
            limits = (int(each.low), int(each.high)) if each.kind == "integer" else (each.low, each.high)
            kind = "integer" if each.kind == "integer" else "continuous"
            ranges[kind].append(
                {"name": each.name, "minValue": limits[0], "maxValue": limits[1], "isTunable": is_tuned(name, each)}
            )
        else:
            values = list(each.choices) if each.kind == "choice" else ["true", "false"]
            ranges["categorical"].append({"name": each.name, "values": values, "isTunable": is_tuned(name, each)})
    return {f"{kind}HyperParameterRanges": told for kind, told in ranges.items()}


def _summary(name: str) -> dict[str, Any]:
    domain = DOMAIN_RECIPES[name].domain if name in DOMAIN_RECIPES else None
    return {"name": name, "recipeArn": f"{PREFIX}{name}", "status": "ACTIVE", "domain": domain, **TIMES}
