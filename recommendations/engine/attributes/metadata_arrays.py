"""Metadata as plain arrays under fixed names, to be kept in files and mapped from them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.arrays.strings import StringTable
from recommendations.engine.attributes.metadata import Categories, Metadata

Arrays = dict[str, NDArray[Any]]
# What the columns are called, as JSON: names from elsewhere may hold what no file name can.
FIELDS = "fields"


def to_arrays(metadata: Metadata, *, with_ids: bool = True) -> Arrays:
    """Return the arrays that `from_arrays` makes metadata of; equal metadata give equal bytes.

    Args:
        metadata: of items or of users.
        with_ids: whether the ids are among the arrays; if not, `from_arrays` must be given them.
    """
    names = {
        kind: sorted(columns)
        for kind, columns in (
            ("categorical", metadata.categorical),
            ("numerical", metadata.numerical),
            ("textual", metadata.textual),
        )
    }
    arrays: Arrays = {FIELDS: np.frombuffer(json.dumps(names).encode(), np.uint8)}
    if with_ids:
        arrays |= _table_arrays("ids", StringTable.build(metadata.ids))
    if metadata.created_at is not None:
        arrays["created_at"] = metadata.created_at
    for place, name in enumerate(names["categorical"]):
        column = metadata.categorical[name]
        arrays |= {f"categorical.{place}.starts": column.starts, f"categorical.{place}.codes": column.codes}
        arrays |= _table_arrays(f"categorical.{place}.names", StringTable.build(column.names))
    for place, name in enumerate(names["numerical"]):
        arrays[f"numerical.{place}"] = metadata.numerical[name]
    for place, name in enumerate(names["textual"]):
        arrays |= _table_arrays(f"textual.{place}", StringTable.build(metadata.textual[name]))
    return arrays


def from_arrays(arrays: Mapping[str, NDArray[Any]], ids: Sequence[str] | None = None) -> Metadata:
    """Put together what `to_arrays` took apart; the arrays may be memory-mapped and are not copied.

    Args:
        arrays: by the names that `to_arrays` gave them.
        ids: where they are not among the arrays. Those that are stay where they lie: to find one takes O(log n_rows).

    Raises:
        KeyError, ValueError: an array is missing or was changed.
        InvalidMetadata: the arrays differ in length.
    """
    names = json.loads(arrays[FIELDS].tobytes())
    categorical = {
        name: Categories(
            _table(arrays, f"categorical.{place}.names").to_tuple(),
            arrays[f"categorical.{place}.starts"],
            arrays[f"categorical.{place}.codes"],
        )
        for place, name in enumerate(names["categorical"])
    }
    return Metadata(
        ids=_table(arrays, "ids") if ids is None else ids,
        created_at=arrays.get("created_at"),
        categorical=categorical,
        numerical={name: arrays[f"numerical.{place}"] for place, name in enumerate(names["numerical"])},
        textual={name: _table(arrays, f"textual.{place}").to_tuple() for place, name in enumerate(names["textual"])},
    )


def _table_arrays(name: str, table: StringTable) -> Arrays:
    return {f"{name}.offsets": table.offsets, f"{name}.blob": table.blob}


def _table(arrays: Mapping[str, NDArray[Any]], name: str) -> StringTable:
    return StringTable(arrays[f"{name}.offsets"], arrays[f"{name}.blob"])
