"""Reads what an export wrote: interactions, with what is known of their items and shoppers."""

from collections.abc import Mapping
from pathlib import Path

from recommendations.datasets import SCHEMAS
from recommendations.engine.interactions import Interactions
from recommendations.engine.metadata import Metadata
from recommendations.engine.metadata_reading import read_metadata_csv
from recommendations.engine.reading import read_csv
from recommendations.ports import DatasetType


def load_datasets(paths: Mapping[DatasetType, Path]) -> Interactions:
    """Return the interactions of an export as a training gets them; items without an event are in the catalogue.

    Args:
        paths: the file of each dataset; one of items or users may be missing.

    Raises:
        EngineError: a file cannot be read; names the line, the column and the fix.
    """
    interactions = read_csv(paths[DatasetType.INTERACTIONS])
    return interactions.with_metadata(_read(paths, DatasetType.ITEMS), _read(paths, DatasetType.USERS))


def _read(paths: Mapping[DatasetType, Path], dataset_type: DatasetType) -> Metadata | None:
    path = paths.get(dataset_type)
    return read_metadata_csv(path, SCHEMAS[dataset_type]) if path is not None and path.exists() else None
