"""One row of a catalogue file: parsed, named, and told apart: for sale, a fee line, or without a price."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self

from django.utils.text import slugify

from catalog.models import Brand, Category
from storefront.imports.faults import BadValue, Fault
from storefront.imports.files import Column, Row, text
from storefront.imports.naming import marked_slug, plain_name, slug_of, tidy_name
from storefront.imports.values import moment, price_cents
from storefront.origin import IMPORTED, ORIGIN

COLUMNS = {
    "item_id": Column("--item-id", "ITEM_ID", is_required=True),
    "name": Column("--name", "NAME", is_required=True),
    "price": Column("--price", "PRICE", is_required=True),
    "category": Column("--category", "CATEGORY_L1", is_required=False),
    "brand": Column("--brand", "BRAND", is_required=False),
    "description": Column("--description", "DESCRIPTION", is_required=False),
    "created": Column("--created", "CREATION_TIMESTAMP", is_required=False),
}
# Where a file tells no release date, the product's first interaction will; until then it is old.
UNKNOWN_RELEASE = date(2000, 1, 1)
RELEASE, UNKNOWN = "release", "unknown"
EXCLUDED, FEE_LINE = "excluded", "fee line"
LONGEST_ID = 64


@dataclass(frozen=True, slots=True)
class CatalogueOptions:
    """What the file does not say. `excluded_names` are fee lines: kept for the accounts, never shown."""

    columns: Mapping[str, Column]
    default_category: str = "Gifts"
    default_brand: str = "House"
    excluded_names: frozenset[str] = frozenset()
    skips_bad: bool = False


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """One product as it will be stored; `house_price_cents` is None where it is not for sale."""

    line: int
    sku: str
    name: str
    slug: str
    brand: str
    category: str
    description: str
    attributes: str
    house_price_cents: int | None
    released_on: date
    is_fee: bool

    @property
    def is_listed(self) -> bool:
        """Whether shoppers see it."""
        return self.house_price_cents is not None and not self.is_fee


class Excluded:
    """The names of fee lines, compared without regard to case and spaces; remembers which it met."""

    def __init__(self, names: frozenset[str]) -> None:
        self._unmet = {plain_name(name): name for name in names}
        self._plain = frozenset(self._unmet)

    def has(self, name: str) -> bool:
        """Whether an item of this name is a fee line."""
        plain = plain_name(name)
        if plain not in self._plain:
            return False
        self._unmet.pop(plain, None)
        return True

    def unmet(self) -> tuple[str, ...]:
        """The names that no item had."""
        return tuple(sorted(self._unmet.values()))


class GroupSlugs:
    """A readable address for each brand or category: never one address for two names."""

    def __init__(self, held: Mapping[str, str]) -> None:
        self._by_name = dict(held)
        self._taken = set(held.values())

    @classmethod
    def held_by(cls, model: type[Brand] | type[Category]) -> Self:
        """The addresses that are taken already."""
        return cls(dict(model.objects.values_list("name", "slug")))

    def of(self, name: str) -> str:
        """The slug of this name; the same again for the same name."""
        if name not in self._by_name:
            slug = slugify(name)
            if not slug or slug in self._taken:
                slug = marked_slug(name)
            self._by_name[name] = slug
            self._taken.add(slug)
        return self._by_name[name]


def parse_row(row: Row, options: CatalogueOptions, excluded: Excluded) -> CatalogueRow | Fault:
    """The product of one row, or its first fault."""
    if not row.is_whole:
        found, wanted = row.values
        return Fault(row.line, "(all)", found, "fields", wanted, "Check this line's commas and quotes.")
    value = dict(zip(options.columns, row.values, strict=True))
    key = "item_id"
    try:
        sku = text(value[key], longest=LONGEST_ID)
        name = text(value[key := "name"], longest=200)
        is_fee = excluded.has(name)
        key = "price"
        cents = None if is_fee else price_cents(value[key])
        category = text(value[key := "category"] or options.default_category, longest=80)
        brand = text(value[key := "brand"] or options.default_brand, longest=80)
        description = text(value[key := "description"], longest=5_000, is_required=False)
        created = value[key := "created"]
        released_on = moment(created).date() if created else None
    except BadValue as bad:
        return Fault(row.line, options.columns[key].name, value[key], bad.reason, bad.expected, bad.fix)
    return CatalogueRow(
        line=row.line,
        sku=sku,
        name=tidy_name(name),
        slug=slug_of(sku, longest=220),
        brand=brand,
        category=category,
        description=description,
        attributes=_attributes(name, is_fee=is_fee, is_dated=released_on is not None),
        house_price_cents=cents,
        released_on=released_on or UNKNOWN_RELEASE,
        is_fee=is_fee,
    )


def _attributes(name: str, *, is_fee: bool, is_dated: bool) -> str:
    attributes = {ORIGIN: IMPORTED, "imported_name": name}
    if is_fee:
        attributes[EXCLUDED] = FEE_LINE
    if not is_dated:
        attributes[RELEASE] = UNKNOWN
    return json.dumps(attributes, ensure_ascii=False)
