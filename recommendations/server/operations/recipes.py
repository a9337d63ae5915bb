"""Recipes: what can be trained here."""

from datetime import UTC, datetime
from typing import Any

from recommendations.engine.recipes import RECIPES
from recommendations.server.limits import MAX_RESULTS
from recommendations.server.paging import page_of
from recommendations.server.recipes import DOMAIN_RECIPES, PREFIX, name_of
from recommendations.server.wire.reading import Parameters

# The recipes have no date of their own here; Amazon's were announced then.
SINCE = datetime(2019, 6, 10, tzinfo=UTC)
TIMES = {"creationDateTime": SINCE, "lastUpdatedDateTime": SINCE}


def list_recipes(parameters: Parameters) -> dict[str, Any]:
    """List recipes, of one domain where it is named."""
    domain = parameters.get("domain", "")
    domains = [name for name, recipe in DOMAIN_RECIPES.items() if domain in {"", recipe.domain}]
    names = sorted(domains if domain else [*RECIPES, *domains])
    return page_of("ListRecipes", "recipes", [_summary(name) for name in names], parameters, MAX_RESULTS)


def describe_recipe(parameters: Parameters) -> dict[str, Any]:
    """Tell all of a recipe."""
    name = name_of(parameters["recipeArn"])
    recipe = RECIPES[DOMAIN_RECIPES[name].recipe if name in DOMAIN_RECIPES else name]
    return {
        "recipe": {
            "name": name,
            "recipeArn": f"{PREFIX}{name}",
            "algorithmArn": f"arn:aws:personalize:::algorithm/{name}",
            "featureTransformationArn": "arn:aws:personalize:::feature-transformation/none",
            "status": "ACTIVE",
            "description": recipe.summary,
            "recipeType": recipe.kind,
            **TIMES,
        }
    }


def _summary(name: str) -> dict[str, Any]:
    domain = DOMAIN_RECIPES[name].domain if name in DOMAIN_RECIPES else None
    return {"name": name, "recipeArn": f"{PREFIX}{name}", "status": "ACTIVE", "domain": domain, **TIMES}
