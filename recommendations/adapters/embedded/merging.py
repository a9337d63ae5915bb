"""Puts imports and streamed data of one dataset together, as one training reads them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.interactions import Interactions


def merge_interactions(parts: Sequence[Interactions]) -> Interactions:
    """Return all rows of all parts; rows that are the same in everything are kept once.

    Args:
        parts: at least one; metadata beside them are dropped.

    Source:
        Amazon Personalize developer guide, "Bulk interaction data": exactly duplicated events are kept once.
    """
    if len(parts) == 1:
        return parts[0]
    user_ids, users = _renumber([part.user_ids for part in parts], [part.users for part in parts])
    item_ids, items = _renumber([part.item_ids for part in parts], [part.items for part in parts])
    type_names, types = _renumber([part.event_types for part in parts], [part.types for part in parts])
    times = np.concatenate([part.timestamps for part in parts])
    values = np.concatenate([part.values for part in parts])
    rows = np.stack([users, items, types, times, np.nan_to_num(values, nan=-1.0).view(np.int32)], axis=1)
    kept = np.sort(np.unique(rows, axis=0, return_index=True)[1])
    return Interactions.from_indices(
        user_ids, item_ids, type_names, users[kept], items[kept], times[kept], types[kept], values[kept]
    )


def merge_metadata(parts: Sequence[Metadata]) -> Metadata:
    """Return one row an id: the last part that has it says all that is known of it.

    Args:
        parts: at least one, all of the same columns; oldest first.
    """
    newest: dict[str, tuple[int, int]] = {}
    for number, part in enumerate(parts):
        newest |= {id_: (number, row) for row, id_ in enumerate(part.ids)}
    if len(parts) == 1:
        return parts[0]
    taken = sorted(newest.items())

    def pick(columns: Sequence[Sequence[object] | NDArray[np.generic]]) -> list[object]:
        return [columns[number][row] for _, (number, row) in taken]

    first = parts[0]
    return Metadata.build(
        [id_ for id_, _ in taken],
        None if first.created_at is None else [int(str(one)) for one in pick([_dated(part) for part in parts])],
        {name: pick([part.categorical[name] for part in parts]) for name in first.categorical},  # type: ignore[misc]
        {name: pick([part.numerical[name] for part in parts]) for name in first.numerical},  # type: ignore[misc]
        {name: pick([part.textual[name] for part in parts]) for name in first.textual},  # type: ignore[misc]
    )


def _dated(part: Metadata) -> NDArray[np.int64]:
    if part.created_at is None:
        raise ValueError("Some parts tell when rows were created and some do not.")
    return part.created_at


def _renumber(
    tables: Sequence[Sequence[str]], columns: Sequence[NDArray[np.signedinteger]]
) -> tuple[tuple[str, ...], NDArray[np.int32]]:
    names = tuple(sorted({name for table in tables for name in table}))
    place = {name: number for number, name in enumerate(names)}
    renumbered = [
        np.fromiter((place[name] for name in table), np.int32, len(table))[column]
        for table, column in zip(tables, columns, strict=True)
    ]
    return names, np.concatenate(renumbered)
