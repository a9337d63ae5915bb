"""What was streamed and no file holds: events, items and users, as rows until a training reads them."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from recommendations.adapters.embedded.imports import schema_of
from recommendations.engine.attributes.metadata import UNKNOWN_TIME, Metadata
from recommendations.engine.attributes.metadata_reading import CREATION_TIME, SEPARATOR, kind_of
from recommendations.engine.interactions import Interactions
from recommendations.models.resources import Dataset, DatasetGroup, StreamedEvent, StreamedRecord

BATCH = 10_000


def read_streamed_events(group: DatasetGroup) -> Interactions | None:
    """Return the events that the group's tracker took; None where it took none."""
    rows = list(
        StreamedEvent.objects.filter(dataset_group=group)
        .order_by("occurred_at", "pk")
        .values_list("user_id", "item_id", "occurred_at", "event_type", "event_value")
        .iterator(chunk_size=BATCH)
    )
    if not rows:
        return None
    users, items, times, types, values = zip(*rows, strict=True)
    return Interactions.from_columns(
        users,
        items,
        [int(moment.timestamp()) for moment in times],
        types,
        [np.nan if value is None else value for value in values],
    )


def read_streamed_records(dataset: Dataset, *, since: datetime | None = None) -> Metadata | None:
    """Return the items or users that were put, each as it was put last; None where there are none.

    Args:
        dataset: Items or Users.
        since: only those put then or later.
    """
    rows = StreamedRecord.objects.filter(dataset=dataset)
    if since is not None:
        rows = rows.filter(put_at__gte=since)
    records = dict(rows.values_list("record_id", "properties").iterator(chunk_size=BATCH))
    return to_metadata(records, schema_of(dataset)) if records else None


def to_metadata(records: Mapping[str, Mapping[str, Any]], schema: Mapping[str, Any]) -> Metadata:
    """Return records as columns.

    Args:
        records: id -> value by column name; checked against the schema.
        schema: the dataset's.
    """
    kinds = {field["name"]: kind_of(field, keeps_plain=True) for field in schema["fields"]}
    ids = list(records)

    def column(name: str) -> Iterable[Any]:
        return (records[one].get(name) for one in ids)

    times = None
    if CREATION_TIME in kinds:
        times = [UNKNOWN_TIME if value is None else int(value) for value in column(CREATION_TIME)]
    return Metadata.build(
        ids,
        times,
        {name: [_split(value) for value in column(name)] for name, kind in kinds.items() if kind == "category"},
        {
            name: [np.nan if value is None else float(value) for value in column(name)]
            for name, kind in kinds.items()
            if kind == "number"
        },
        {
            name: ["" if value is None else str(value) for value in column(name)]
            for name, kind in kinds.items()
            if kind == "text"
        },
    )


def _split(value: object) -> Sequence[str]:
    return tuple(part.strip() for part in str(value).split(SEPARATOR)) if value is not None else ()
