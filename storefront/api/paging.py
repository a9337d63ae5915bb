"""Lists in pages: a cursor names the last row seen, so that no row is missed or shown twice while others come in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import Model, Q, QuerySet
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param

from storefront.api.requests import KnownFields

PAGE, MOST = 20, 100
MAX_CURSOR = 500
M = TypeVar("M", bound=Model)


class PageFields(KnownFields):
    """Which page of a list."""

    cursor = serializers.CharField(
        required=False, max_length=MAX_CURSOR, help_text="Of `next` in the page before; absent for the first page."
    )
    limit = serializers.IntegerField(min_value=1, max_value=MOST, default=PAGE, help_text="How many at most.")


@dataclass(frozen=True, slots=True)
class Order:
    """What a list is sorted by: columns, `-` before a falling one, the last one unique."""

    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """Some rows, and the address of the next ones; None at the end."""

    rows: list[M]
    next_url: str | None


NEWEST = Order(("-placed_at", "-pk"))


def read_page(request: Request, rows: QuerySet[M], order: Order, asked: Mapping[str, Any]) -> Page[M]:
    """One page of a list, in one query.

    Args:
        request: for the next page's address.
        rows: the whole list, in any order.
        order: what it is sorted by.
        asked: `cursor` and `limit`, as `PageFields` reads them.

    Raises:
        ValidationError: the cursor is not of this list.
    """
    limit: int = asked["limit"]
    after = asked.get("cursor")
    if after:
        rows = rows.filter(_beyond(order, _read(order, after)))
    found = list(rows.order_by(*order.columns)[: limit + 1])
    if len(found) <= limit:
        return Page(found, None)
    url = replace_query_param(request.build_absolute_uri(), "cursor", _spell(order, found[limit - 1]))
    return Page(found[:limit], url)


def page_of(serializer: type[serializers.Serializer[Any]], name: str) -> serializers.Serializer[Any]:
    """A page, as the description of an operation says it."""
    fields = {
        "next": serializers.URLField(allow_null=True, help_text="The next page's address; null at the end."),
        "results": serializer(many=True),
    }
    described: serializers.Serializer[Any] = inline_serializer(name, fields)
    return described


def _beyond(order: Order, values: Sequence[str]) -> Q:
    """Rows after the one with these values: further in the first column, or level with it and further in the next."""
    beyond, level = Q(), Q()
    for column, value in zip(order.columns, values, strict=True):
        name = column.removeprefix("-")
        beyond |= level & Q(**{f"{name}__{'lt' if column.startswith('-') else 'gt'}": value})
        level &= Q(**{name: value})
    return beyond


def _spell(order: Order, row: Model) -> str:
    values = [getattr(row, column.removeprefix("-")) for column in order.columns]
    return signing.dumps(
        [each.isoformat() if hasattr(each, "isoformat") else each for each in values], salt=_salt(order)
    )


def _read(order: Order, cursor: str) -> Sequence[str]:
    try:
        values: Sequence[str] = signing.loads(cursor, salt=_salt(order))
    except signing.BadSignature as error:
        fault = "Take it from `next` of the page before, or leave it out for the first page."
        raise serializers.ValidationError({"cursor": fault}) from error
    return values


def _salt(order: Order) -> str:
    # A cursor belongs to one way of sorting; nobody can make one.
    return f"storefront.api.paging:{','.join(order.columns)}"
