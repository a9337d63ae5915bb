"""Imported datasets, each as one folder of plain columns, so that no training parses a CSV again."""

import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.arrays.strings import StringTable
from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.attributes.metadata_arrays import from_arrays, to_arrays
from recommendations.engine.interactions import Interactions

TABLES = ("user_ids", "item_ids", "event_types")
ARRAYS = ("users", "items", "timestamps", "types", "values", "starts")


def write_columns(folder: Path, interactions: Interactions) -> None:
    """Write interactions to a folder, whole or not at all; what was there is replaced.

    Args:
        folder: where; its parents are made.
        interactions: any number of rows.
    """
    arrays: dict[str, NDArray[Any]] = {name: getattr(interactions, name) for name in ARRAYS}
    for name in TABLES:
        table = StringTable.build(getattr(interactions, name))
        arrays |= {f"{name}.offsets": table.offsets, f"{name}.blob": table.blob}
    _write(folder, arrays)


def read_columns(folder: Path) -> Interactions:
    """Return what `write_columns` wrote, its columns mapped from the files.

    Raises:
        OSError: a file is missing.
    """
    arrays: dict[str, Any] = {name: _map(folder / f"{name}.npy") for name in ARRAYS}
    for name in TABLES:
        table = StringTable(_map(folder / f"{name}.offsets.npy"), _map(folder / f"{name}.blob.npy"))
        arrays[name] = table.to_tuple()
    return Interactions(**arrays)


def write_metadata(folder: Path, metadata: Metadata) -> None:
    """Write what is known of items or users to a folder, whole or not at all; what was there is replaced.

    Args:
        folder: where; its parents are made.
        metadata: any number of rows.
    """
    _write(folder, to_arrays(metadata))


def read_metadata(folder: Path) -> Metadata:
    """Return what `write_metadata` wrote, its columns mapped from the files.

    Raises:
        OSError: a file is missing.
    """
    arrays = {path.name.removesuffix(".npy"): _map(path) for path in folder.iterdir() if path.suffix == ".npy"}
    ids = StringTable(arrays["ids.offsets"], arrays["ids.blob"])
    return from_arrays(arrays, ids.to_tuple())


def _write(folder: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    partial = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}")
    partial.mkdir(parents=True)
    try:
        for name, array in arrays.items():
            np.save(partial / f"{name}.npy", array, allow_pickle=False)
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


def _map(path: Path) -> NDArray[Any]:
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
