"""Facets: how a list of products is narrowed by category, brand, colour, size and price, with the count of each."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, get_args

from django.contrib.postgres.aggregates import ArrayAgg
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from catalog.models import Variant
from catalog.models.querysets import ProductQuerySet

FacetName = Literal["category", "brand", "colour", "size", "price"]
FACETS: tuple[FacetName, ...] = get_args(FacetName)
Wanted = Mapping[FacetName, Sequence[str]]
"""What a shopper narrows a list to: any of a facet's values will do, and all facets must agree."""

PRICE_STEPS_CENTS = (2_000, 5_000, 10_000, 15_000, 20_000, 30_000, 50_000, 100_000)
# As addresses name them, in major units: from the first amount on, and below the second.
BANDS = tuple(f"{low // 100}-{high // 100 if high else ''}" for low, high in pairwise((0, *PRICE_STEPS_CENTS, 0)))
MOST_VALUES = 40
LETTER_SIZES = ("XXS", "XS", "S", "M", "L", "XL", "XXL", "3XL", "XXXL")

# Facet -> the columns of its value and its label, and whether a matched product has one of the wanted values.
_COLUMNS: dict[FacetName, tuple[str, str, str]] = {
    "category": ("category_slug", "category_name", "category_slug = ANY(%(category)s)"),
    "brand": ("brand_slug", "brand_name", "brand_slug = ANY(%(brand)s)"),
    "colour": ("colour", "colour", "colour = ANY(%(colour)s)"),
    "size": ("size", "size", "sizes && %(size)s::varchar[]"),
    "price": ("band", "band", "band = ANY(%(price)s)"),
}


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value of a facet and how many products of the list have it, whatever else is wanted of that facet."""

    value: str
    label: str
    n_products: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How many products fit all that is wanted, and each facet's values in the order in which they are offered."""

    n_products: int
    values: Mapping[FacetName, tuple[FacetValue, ...]]


def band_limits(band: str) -> tuple[int, int | None]:
    """The lowest price of a band and the lowest of the next one, in cents; None for the open end.

    Raises:
        ValueError: no such band.
    """
    place = BANDS.index(band)
    limits = (0, *PRICE_STEPS_CENTS, None)
    return limits[place] or 0, limits[place + 1]


def narrow(products: ProductQuerySet, wanted: Wanted) -> ProductQuerySet:
    """The products that fit all that is wanted, with `price_cents`: the lowest ask, else the house's, else null.

    Args:
        products: the list, in any order, which is kept.
        wanted: facet -> values; a facet without values narrows nothing.
    """
    found = priced(products)
    if wanted.get("category"):
        found = found.filter(category__slug__in=wanted["category"])
    if wanted.get("brand"):
        found = found.filter(brand__slug__in=wanted["brand"])
    if wanted.get("colour"):
        found = found.filter(attributes__colour__in=list(wanted["colour"]))
    if wanted.get("size"):
        is_sold = Q(quote__lowest_ask_cents__isnull=False) | Q(product__house_price_cents__isnull=False)
        found = found.filter(Exists(Variant.objects.filter(is_sold, product=OuterRef("pk"), size__in=wanted["size"])))
    if wanted.get("price"):
        found = found.filter(_within(wanted["price"]))
    return found


def priced(products: ProductQuerySet) -> ProductQuerySet:
    """The products with `price_cents`: what one pays now, null for what nobody sells."""
    return products.with_quotes().annotate(price_cents=Coalesce("lowest_ask_cents", "house_price_cents"))


def count_facets(products: ProductQuerySet, wanted: Wanted, names: Sequence[FacetName] = FACETS) -> Counts:
    """Count what each value of each facet would leave, given what is wanted of the other facets; one query.

    Args:
        products: the list before it is narrowed.
        wanted: as for `narrow`.
        names: the facets to count.

    Returns:
        The values that some product has, at most `MOST_VALUES` a facet: brands and colours with the most products
        first, sizes and prices in their own order.
    """
    try:
        inner, parameters = _matched(products)
    except EmptyResultSet:
        return Counts(0, dict.fromkeys(names, ()))
    chosen = {name: list(wanted.get(name, ())) for name in FACETS}
    selects = [_select("SELECT 'all', '', '', count(*) FROM matched", wanted)]
    selects += [_facet_select(name, wanted) for name in names]
    sql = f"WITH matched AS MATERIALIZED ({inner}) " + " UNION ALL ".join(selects)
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters | chosen)
        rows = cursor.fetchall()
    return _counts(rows, names)


def _counts(rows: Iterable[tuple[str, str, str, int]], names: Sequence[FacetName]) -> Counts:
    found: dict[str, list[FacetValue]] = {"all": [], **{name: [] for name in names}}
    for facet, value, label, n_products in rows:
        found[facet].append(FacetValue(value, label, n_products))
    return Counts(found["all"][0].n_products, {name: _in_order(name, found[name]) for name in names})


def _matched(products: ProductQuerySet) -> tuple[str, dict[str, Any]]:
    """The list as SQL with named parameters, one row a product: its values in every facet."""
    has_price = Q(variants__quote__lowest_ask_cents__isnull=False) | Q(house_price_cents__isnull=False)
    rows = (
        priced(products.order_by())
        .annotate(
            category_slug=F("category__slug"),
            category_name=F("category__name"),
            brand_slug=F("brand__slug"),
            brand_name=F("brand__name"),
            colour=KT("attributes__colour"),
            sizes=ArrayAgg("variants__size", filter=has_price, default=Value([])),
        )
        .values("category_slug", "category_name", "brand_slug", "brand_name", "colour", "sizes", "price_cents")
    )
    sql, parameters = rows.query.sql_with_params()
    # The list's own parameters get names, to stand beside the names of what is wanted.
    names = [f"p{place}" for place in range(len(parameters))]
    parts = sql.split("%s")
    named = parts[0] + "".join(f"%({name})s{part}" for name, part in zip(names, parts[1:], strict=True))
    band = "(%(bands)s::text[])[width_bucket(price_cents, %(steps)s::int[]) + 1]"
    given = {"bands": list(BANDS), "steps": list(PRICE_STEPS_CENTS)}
    return (
        f"SELECT *, {band} AS band FROM ({named}) AS listed",  # noqa: S608
        dict(zip(names, parameters, strict=True)) | given,
    )


def _facet_select(name: FacetName, wanted: Wanted) -> str:
    value, label, _ = _COLUMNS[name]
    source = "matched, unnest(sizes) AS size" if name == "size" else "matched"
    others = {other: values for other, values in wanted.items() if other != name}
    head = f"SELECT '{name}', {value}, {label}, count(*) FROM {source}"  # noqa: S608
    return _select(head, others, f"{value} IS NOT NULL AND {value} <> ''") + f" GROUP BY {value}, {label}"


def _select(head: str, wanted: Wanted, *conditions: str) -> str:
    tests = [*conditions, *(_COLUMNS[name][2] for name, values in wanted.items() if values)]
    return f"{head} WHERE {' AND '.join(tests)}" if tests else head


def _within(bands: Sequence[str]) -> Q:
    found = Q(pk__in=())
    for low, high in map(band_limits, bands):
        band = Q(price_cents__gte=low)
        found |= band if high is None else band & Q(price_cents__lt=high)
    return found


def _in_order(name: FacetName, values: list[FacetValue]) -> tuple[FacetValue, ...]:
    if name == "size":
        ordered = sorted(values, key=lambda value: _size_rank(value.value))
    elif name == "price":
        ordered = sorted(values, key=lambda value: BANDS.index(value.value))
    else:
        ordered = sorted(values, key=lambda value: (-value.n_products, value.label))
    return tuple(ordered[:MOST_VALUES])


def _size_rank(size: str) -> tuple[int, float, str]:
    """Letters from small to large, then numbers as numbers, then whatever else there is."""
    if size in LETTER_SIZES:
        return 0, LETTER_SIZES.index(size), size
    number = re.search(r"\d+(\.\d+)?", size)
    return (1, float(number[0]), size) if number else (2, 0.0, size)
