"""What was measured of a solution version, as Amazon Personalize tells it: one number a metric."""

from collections.abc import Mapping
from typing import Any

from recommendations.engine.evaluation.asking import METRICS


def headline(figures: Mapping[str, Any]) -> dict[str, float]:
    """Return each metric of the first split, items of the history allowed; empty where nothing was measured.

    Args:
        figures: as the evaluate step of a retrain keeps them: value, low and high end of each metric, by split.
    """
    first = next((each["recipe"] for each in figures.get("splits", ()) if each["repeats"]), None)
    if first is None:
        return {}
    return {name: float(first[name][0]) for name in METRICS} | {"coverage": float(first["coverage"])}
