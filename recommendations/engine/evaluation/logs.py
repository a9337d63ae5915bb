"""Logs for measuring: a file of users, items and times or positions, as published data sets come."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np

from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.exceptions import InvalidInteractions
from recommendations.engine.interactions import Interactions
from recommendations.engine.reading import CsvColumns, read_csv, read_header

TRAIN, TEST = "train", "test"


@dataclass(frozen=True, slots=True, eq=False)
class Log:
    """What a file holds.

    Attributes:
        interactions: all rows; of a file in parts, those of the part `train`.
        test: the rows of the part `test`, None where the file has no parts.
        is_timed: whether the file tells times; if not, each user's events are numbered from 0, a second apart.
    """

    interactions: Interactions
    test: Interactions | None
    is_timed: bool

    def with_metadata(self, items: Metadata | None = None, users: Metadata | None = None) -> Self:
        """Return the log with attributes of items and users beside all its rows."""
        test = None if self.test is None else self.test.with_metadata(items, users)
        return replace(self, interactions=self.interactions.with_metadata(items, users), test=test)


def read_log(path: str | Path, *, in_parts: bool = False) -> Log:
    """Read a CSV file, plain or `.gz`, with the columns user_id, item_id and timestamp or pos, in any case of letters.

    The columns event_type and part are optional.

    Args:
        path: the file.
        in_parts: whether to tell the parts `train` and `test` apart; otherwise the column counts for nothing.

    Raises:
        InvalidInteractions: a column is missing or a row is bad; names it and the fix.
    """
    there = {name.lower(): name for name in read_header(path)}
    time = there.get("timestamp", there.get("pos"))
    if time is None:
        raise InvalidInteractions(
            f"{Path(path).name} has neither a column timestamp nor pos. Its header has: "
            f"{', '.join(there.values()) or 'nothing'}."
        )
    columns = CsvColumns(
        user_id=there.get("user_id", "user_id"),
        item_id=there.get("item_id", "item_id"),
        timestamp=time,
        event_type=there.get("event_type", "event_type"),
        event_value="",
        default_event_type="view",
    )
    is_timed = "timestamp" in there
    if not in_parts:
        return Log(_settle(read_csv(path, columns), is_timed=is_timed), None, is_timed)
    part = there.get("part", "part")
    train, test = (
        _settle(read_csv(path, replace(columns, only=(part, name))), is_timed=is_timed) for name in (TRAIN, TEST)
    )
    return Log(train, test, is_timed)


def _settle(interactions: Interactions, *, is_timed: bool) -> Interactions:
    if is_timed or not len(interactions):
        return interactions
    positions = np.arange(len(interactions)) - np.repeat(interactions.starts[:-1], np.diff(interactions.starts))
    return replace(interactions, timestamps=positions.astype(np.int64))
