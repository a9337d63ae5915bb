"""What a solution was made with, as descriptions of it and of its versions repeat it."""

from collections.abc import Mapping
from typing import Any

from recommendations.models.resources import Solution
from recommendations.server.recipes import PREFIX

# Where a solution keeps the recipe that it was asked for: the engine may train it under another name.
RECIPE = "recipeName"


def recipe_arn(row: Solution) -> str:
    """Return the ARN of the recipe that a solution was asked for."""
    return f"{PREFIX}{row.settings.get(RECIPE, row.recipe)}"


def described_settings(row: Solution) -> dict[str, Any]:
    """Return a solution's recipe and settings, as the request gave them."""
    settings: Mapping[str, Any] = row.settings
    return {
        "recipeArn": recipe_arn(row),
        "eventType": row.event_type or None,
        "performHPO": settings.get("performHPO", False),
        "performAutoML": settings.get("performAutoML", False),
        "performIncrementalUpdate": settings.get("performIncrementalUpdate", False),
        "solutionConfig": settings.get("solutionConfig"),
    }
