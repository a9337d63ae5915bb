"""What a solution is trained on: events of one type or of a least value, and which columns, as it was made."""

import numpy as np

from recommendations.adapters.embedded.datasets import Excluded
from recommendations.engine.exceptions import NotEnoughData
from recommendations.engine.interactions import Interactions
from recommendations.models.resources import Solution
from recommendations.ports import DatasetType

# Amazon Personalize developer guide, "Quotas": interactions that are left after filtering by type and value.
MIN_INTERACTIONS = 1000


def excluded_columns(solution: Solution) -> Excluded:
    """Return the columns of each dataset that a solution was made not to be trained on."""
    config = solution.settings.get("solutionConfig", {}).get("trainingDataConfig", {})
    return {
        DatasetType(dataset_type.upper()): frozenset(columns)
        for dataset_type, columns in config.get("excludedDatasetColumns", {}).items()
    }


def select_events(interactions: Interactions, solution: Solution) -> Interactions:
    """Return the events that count.

    Args:
        interactions: all that there are.
        solution: its `event_type` in any case of letters, and the least values of events by type.

    Raises:
        NotEnoughData: too few are left.
    """
    names = [name.lower() for name in interactions.event_types]
    keep = np.ones(len(interactions), np.bool_)
    if solution.event_type:
        wanted = np.array([name == solution.event_type.lower() for name in names], np.bool_)
        keep &= wanted[interactions.types]
    for event_type, least in solution.value_thresholds.items():
        is_type = np.array([name == event_type.lower() for name in names], np.bool_)[interactions.types]
        # No value at all is no value that reaches the threshold.
        keep &= ~is_type | (interactions.values >= least)
    if keep.all():
        return interactions
    if int(keep.sum()) < MIN_INTERACTIONS:
        raise NotEnoughData(
            f"Dataset has fewer than {MIN_INTERACTIONS} interactions after filtering: {int(keep.sum())}."
        )
    return interactions.take(keep)
