"""Reads what an export wrote, to measure on: interactions, with what is known of their items and shoppers."""

from collections.abc import Mapping
from pathlib import Path

from recommendations.datasets import SCHEMAS, without_summaries
from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.attributes.metadata_reading import read_metadata_csv
from recommendations.engine.interactions import Interactions
from recommendations.engine.reading import read_csv
from recommendations.ports import DatasetType


def load_datasets(paths: Mapping[DatasetType, Path]) -> Interactions:
    """Return the interactions of an export to be split; items without an event are in the catalogue.

    They are what a training gets: without what is known of shoppers by the events that they shall foretell.

    Args:
        paths: the file of each dataset; one of items or users may be missing.

    Raises:
        EngineError: a file cannot be read; names the line, the column and the fix.
    """
    interactions = read_csv(paths[DatasetType.INTERACTIONS])
    users = without_summaries(_read(paths, DatasetType.USERS))
    return interactions.with_metadata(_read(paths, DatasetType.ITEMS), users)


def _read(paths: Mapping[DatasetType, Path], dataset_type: DatasetType) -> Metadata | None:
    path = paths.get(dataset_type)
    return read_metadata_csv(path, SCHEMAS[dataset_type]) if path is not None and path.exists() else None
