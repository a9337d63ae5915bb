"""What is put one by one: rows that the next training reads, and word of them to every serving process."""

import logging
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from django.db import transaction
from redis import RedisError

from recommendations import conf
from recommendations.adapters.embedded import live_log
from recommendations.adapters.embedded.imports import schema_of
from recommendations.adapters.embedded.live_state import live_state
from recommendations.datasets import RowCheck
from recommendations.exceptions import BackendUnavailable, InvalidInput, ResourceNotFound, ResourceNotReady
from recommendations.models.resources import Dataset, Status, StreamedRecord
from recommendations.ports import MAX_ITEMS_A_PUT, DatasetType, Item

logger = logging.getLogger(__name__)

# Whoever puts has time; a Valkey that is away is told of by the log, and costs serving processes some seconds.
TIMEOUT_S = 1.0


def put_items(dataset_group_arn: str, items: Iterable[Item]) -> None:
    """Keep items of a group, each as it is from now on.

    Raises:
        ResourceNotFound, ResourceNotReady: the group is not there or is being deleted, or takes no items.
        InvalidInput: more than ten, or one that the schema refuses; the message names it.
    """
    given = list(items)
    if len(given) > MAX_ITEMS_A_PUT:
        raise InvalidInput(f"items has {len(given)} items: put at most {MAX_ITEMS_A_PUT} at once.")
    of_group = Dataset.objects.filter(dataset_group__arn=dataset_group_arn, dataset_type=DatasetType.ITEMS.value)
    dataset = of_group.select_related("schema", "dataset_group").first()
    if dataset is None or dataset.dataset_group.status == Status.DELETING:
        raise ResourceNotFound(f"dataset_group_arn == {dataset_group_arn!r}: there is no such group that takes items.")
    if dataset.status != Status.ACTIVE:
        raise ResourceNotReady(f"{dataset.arn} is {dataset.status}; wait until it is ACTIVE.")
    check = RowCheck(schema_of(dataset))
    rows: dict[str, Mapping[str, Any]] = {}
    for item in given:
        row = {"ITEM_ID": item.item_id, **item.properties}
        fault = check.fault(row)
        if fault:
            raise InvalidInput(f"items: {item.item_id!r}: {fault}.")
        rows[item.item_id] = row
    put_records(dataset, rows)


def put_records(dataset: Dataset, rows: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep rows of a dataset in place of what was put before under their ids, and tell every process.

    Args:
        dataset: Items or Users.
        rows: id -> value by column name, its own id among them; checked against the dataset's schema.
    """
    now = conf.now()
    StreamedRecord.objects.bulk_create(
        # In the order of their ids, so that two who put the same ones never wait for each other.
        [StreamedRecord(dataset=dataset, record_id=id_, properties=rows[id_], put_at=now) for id_ in sorted(rows)],
        update_conflicts=True,
        unique_fields=["dataset", "record_id"],
        update_fields=["properties", "put_at"],
    )
    transaction.on_commit(partial(tell_news, dataset.dataset_group_id))


def news_of(dataset_group_id: int) -> str:
    """Return the name under which a group's news stand in the live log."""
    return f"records-{dataset_group_id}"


def tell_news(dataset_group_id: int) -> None:
    """Tell every serving process that something was put; while Valkey is away they look by themselves, later."""
    try:
        live_log.tell_put(live_state(TIMEOUT_S), news_of(dataset_group_id))
    except RedisError as error:
        logger.warning("Nobody was told of what was put; they look in some seconds.", extra={"error": str(error)})


def forget_news(dataset_group_id: int) -> None:
    """Delete what a group that is deleted told.

    Raises:
        BackendUnavailable: Valkey does not answer; it is deleted by a repeat, or by its time to live.
    """
    try:
        live_state(TIMEOUT_S).unlink(live_log.log_key(news_of(dataset_group_id)))
    except RedisError as error:
        raise BackendUnavailable(f"The live state does not answer: {error}.") from error
