"""Reads what an export wrote, to measure on: interactions, with what is known of their items and shoppers."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from recommendations.datasets import SCHEMAS
from recommendations.engine.interactions import Interactions
from recommendations.engine.metadata import Metadata
from recommendations.engine.metadata_reading import read_metadata_csv
from recommendations.engine.reading import read_csv
from recommendations.ports import DatasetType

# Summed up of all of a shopper's events, the held-out ones too: whoever is told it is told the answers.
TELLS_ANSWERS = frozenset({"FAVOURITE_CATEGORY"})


def load_datasets(paths: Mapping[DatasetType, Path]) -> Interactions:
    """Return the interactions of an export to be split; items without an event are in the catalogue.

    They are what a training gets, but for what is known of shoppers by events that a split holds out.

    Args:
        paths: the file of each dataset; one of items or users may be missing.

    Raises:
        EngineError: a file cannot be read; names the line, the column and the fix.
    """
    interactions = read_csv(paths[DatasetType.INTERACTIONS])
    users = _read(paths, DatasetType.USERS)
    if users is not None:
        known = {name: column for name, column in users.categorical.items() if name not in TELLS_ANSWERS}
        users = replace(users, categorical=known)
    return interactions.with_metadata(_read(paths, DatasetType.ITEMS), users)


def _read(paths: Mapping[DatasetType, Path], dataset_type: DatasetType) -> Metadata | None:
    path = paths.get(dataset_type)
    return read_metadata_csv(path, SCHEMAS[dataset_type]) if path is not None and path.exists() else None
