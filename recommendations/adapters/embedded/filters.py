"""The filters of a dataset group: checked and kept when they are made, ready for a trained model when it is served."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from django.db import DatabaseError

from recommendations import conf, ports
from recommendations.adapters.embedded.arns import check_name, make_arn
from recommendations.adapters.embedded.connections import close_thread_connection
from recommendations.adapters.embedded.imports import schema_of
from recommendations.datasets import IDS, SCHEMAS
from recommendations.engine.artifacts import Artifact
from recommendations.engine.attributes.metadata_reading import kind_of
from recommendations.engine.exceptions import InvalidFilter
from recommendations.engine.filters.checking import check_fields
from recommendations.engine.filters.columns import ItemColumns, Kind
from recommendations.engine.filters.masks import ItemFilter
from recommendations.engine.filters.parsing import parse_filter
from recommendations.exceptions import (
    BackendUnavailable,
    InvalidInput,
    RecommendationsError,
    ResourceNotFound,
    ResourceNotReady,
)
from recommendations.models.filters import Filter
from recommendations.models.resources import Dataset, DatasetGroup, Status
from recommendations.ports import DatasetType

# Amazon Personalize developer guide, "Quotas": filters of a dataset group.
MAX_FILTERS = 10
# How long a filter may go on as it was after it was deleted, or made anew under its name.
RECHECK_S = 10.0


def ensure_filter(group: DatasetGroup, name: str, expression: str) -> ports.Resource:
    """Return the filter of this name, made where it is missing.

    Raises:
        InvalidInput: the name or the expression is refused, the filter of this name is another one, or the group has
            as many as it may.
    """
    check_name("name", name)
    check_expression(group, expression)
    made = Filter.objects.filter(name=name).first() or _make(group, name, expression)
    if (made.dataset_group_id, made.expression) != (group.pk, expression):
        raise InvalidInput(f"name == {name!r}: there is a filter of this name already; choose another name.")
    return ports.Resource(made.arn, ports.ResourceStatus.ACTIVE)


def check_expression(group: DatasetGroup, expression: str) -> None:
    """Refuse an expression that the group's data cannot answer.

    Raises:
        InvalidInput: it cannot be understood, or names a field that is not there; the message names place and fix.
    """
    try:
        items = {"ITEM_ID": "text", **field_kinds(group, DatasetType.ITEMS)}
        check_fields(parse_filter(expression), items, field_kinds(group, DatasetType.USERS))
    except InvalidFilter as error:
        raise InvalidInput(f"expression: {error}") from error


def field_kinds(group: DatasetGroup, dataset_type: DatasetType) -> dict[str, Kind]:
    """Return what each column of a group's dataset that filters may name holds; free text cannot be filtered by.

    A group that has no such dataset yet counts as having the shop's.
    """
    dataset = Dataset.objects.select_related("schema").filter(dataset_group=group, dataset_type=dataset_type).first()
    schema = SCHEMAS[dataset_type] if dataset is None else schema_of(dataset)
    kinds: dict[str, Kind] = {}
    for field in schema["fields"]:
        kind = kind_of(field, keeps_plain=True)
        if field["name"] not in IDS and kind in {"category", "number", "time"}:
            kinds[field["name"]] = "text" if kind == "category" else "number"
    return kinds


def _make(group: DatasetGroup, name: str, expression: str) -> Filter:
    if Filter.objects.filter(dataset_group=group).count() >= MAX_FILTERS:
        raise InvalidInput(f"dataset_group_arn == {group.arn!r}: it has {MAX_FILTERS} filters; use one of them.")
    now = conf.now()
    made, _ = Filter.objects.get_or_create(
        name=name,
        defaults={
            "arn": make_arn("filter", name),
            "dataset_group": group,
            "expression": expression,
            "created_at": now,
            "updated_at": now,
        },
    )
    return made


@dataclass(frozen=True, slots=True)
class _Ready:
    """A filter over the catalogue, the row that it was made of, and when that was last looked at."""

    row_id: int
    expression: str
    item_filter: ItemFilter
    checked_at_s: float


class GroupFilters:
    """A group's filters over one trained model's catalogue; each is made ready when it is first asked for.

    Args:
        dataset_group_id: whose filters.
        artifact: the model.
    """

    def __init__(self, dataset_group_id: int, artifact: Artifact) -> None:
        self._dataset_group_id = dataset_group_id
        self._artifact = artifact
        self._ready: dict[str, _Ready] = {}
        self._lock = threading.Lock()

    def find(self, filter_arn: str) -> ItemFilter:
        """Return a filter of the group, as its row was some seconds ago.

        Raises:
            ResourceNotFound, ResourceNotReady: the group has no such filter, or not yet.
            InvalidInput: it asks for what the model was trained without.
            BackendUnavailable: it was never looked up, and PostgreSQL does not answer.
        """
        ready = self._ready.get(filter_arn)
        if ready is not None and time.monotonic() - ready.checked_at_s < RECHECK_S:
            return ready.item_filter
        if ready is None:
            with self._lock:
                return self._look_again(filter_arn).item_filter
        # One thread looks again; whoever comes meanwhile goes on with what there is.
        if not self._lock.acquire(blocking=False):
            return ready.item_filter
        try:
            return self._look_again(filter_arn).item_filter
        finally:
            self._lock.release()

    def _look_again(self, filter_arn: str) -> _Ready:
        known = self._ready.get(filter_arn)
        if known is not None and time.monotonic() - known.checked_at_s < RECHECK_S:
            return known
        try:
            row = _look_up(filter_arn, self._dataset_group_id)
        except DatabaseError as error:
            if known is None:
                raise BackendUnavailable(f"{filter_arn} cannot be looked up: {error}") from error
            return self._keep(filter_arn, replace(known, checked_at_s=time.monotonic()))
        except RecommendationsError:
            self._ready.pop(filter_arn, None)
            raise
        if known is not None and (known.row_id, known.expression) == (row.pk, row.expression):
            return self._keep(filter_arn, replace(known, checked_at_s=time.monotonic()))
        try:
            item_filter = ItemFilter(parse_filter(row.expression), self._columns, self._users)
        except InvalidFilter as error:
            raise InvalidInput(f"filter_arn == {filter_arn!r}: {error}") from error
        return self._keep(filter_arn, _Ready(row.pk, row.expression, item_filter, time.monotonic()))

    def _keep(self, filter_arn: str, ready: _Ready) -> _Ready:
        self._ready[filter_arn] = ready
        while len(self._ready) > MAX_FILTERS:
            del self._ready[min(self._ready, key=lambda arn: self._ready[arn].checked_at_s)]
        return ready

    @cached_property
    def _columns(self) -> ItemColumns:
        return ItemColumns(self._artifact.model.item_ids_, self._artifact.items)

    @cached_property
    def _users(self) -> Mapping[str, Kind]:
        users = self._artifact.users
        if users is None:
            return {}
        return {**dict.fromkeys(users.categorical, "text"), **dict.fromkeys(users.numerical, "number")}


def _look_up(filter_arn: str, dataset_group_id: int) -> Filter:
    try:
        row = Filter.objects.filter(arn=filter_arn, dataset_group=dataset_group_id).first()
    finally:
        close_thread_connection()
    if row is None:
        raise ResourceNotFound(f"filter_arn == {filter_arn!r}: the campaign's group has no such filter.")
    if row.status != Status.ACTIVE:
        raise ResourceNotReady(f"{filter_arn} is {row.status}.")
    return row
