"""What a solution was made with, as descriptions of it and of its versions repeat it."""

from collections.abc import Mapping
from typing import Any

from recommendations.models.resources import Solution
from recommendations.server.recipes import PREFIX


def described_settings(row: Solution) -> dict[str, Any]:
    """Return a solution's recipe and settings, as the request gave them."""
    settings: Mapping[str, Any] = row.settings
    return {
        "recipeArn": f"{PREFIX}{row.recipe}",
        "eventType": row.event_type or None,
        "performHPO": settings.get("performHPO", False),
        "performAutoML": settings.get("performAutoML", False),
        "performIncrementalUpdate": settings.get("performIncrementalUpdate", False),
        "solutionConfig": settings.get("solutionConfig"),
    }
