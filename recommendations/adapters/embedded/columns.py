"""Imported interactions as one folder of plain columns, so that no training parses a CSV again."""

import shutil
import uuid
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.interactions import Interactions
from recommendations.engine.strings import StringTable

TABLES = ("user_ids", "item_ids", "event_types")
ARRAYS = ("users", "items", "timestamps", "types", "values", "starts")


def write_columns(folder: Path, interactions: Interactions) -> None:
    """Write interactions to a folder, whole or not at all; what was there is replaced.

    Args:
        folder: where; its parents are made.
        interactions: any number of rows.
    """
    partial = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}")
    partial.mkdir(parents=True)
    try:
        for name in ARRAYS:
            np.save(partial / f"{name}.npy", getattr(interactions, name), allow_pickle=False)
        for name in TABLES:
            table = StringTable.build(getattr(interactions, name))
            np.save(partial / f"{name}.offsets.npy", table.offsets, allow_pickle=False)
            np.save(partial / f"{name}.blob.npy", table.blob, allow_pickle=False)
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


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


def _map(path: Path) -> NDArray[Any]:
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
