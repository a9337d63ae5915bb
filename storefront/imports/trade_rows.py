"""One row of a file of sales: which item in which size was sold, when, for how much; and what it tells of the item."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from storefront.imports.catalogue_rows import LONGEST_ID
from storefront.imports.faults import BadValue, Fault
from storefront.imports.files import Column, Row, text
from storefront.imports.naming import tidy_name
from storefront.imports.values import moment, price_cents

COLUMNS = {
    "item_id": Column("--item-id", "ITEM_ID", is_required=True),
    "sold_at": Column("--sold-at", "TIMESTAMP", is_required=True),
    "price": Column("--price", "PRICE", is_required=True),
    "size": Column("--size", "SIZE", is_required=False),
    "name": Column("--name", "NAME", is_required=False),
    "brand": Column("--brand", "BRAND", is_required=False),
    "category": Column("--category", "CATEGORY_L1", is_required=False),
    "retail_price": Column("--retail-price", "RETAIL_PRICE", is_required=False),
    "released": Column("--released", "CREATION_TIMESTAMP", is_required=False),
}
ONE_SIZE = "One size"
LONGEST_SIZE = 24
PLAIN_NUMBER = re.compile(r"[0-9]{1,3}(\.[0-9]{1,2})?")
CLOTHES = ("XXS", "XS", "S", "M", "L", "XL", "XXL", "XXXL")
# Sizes that are numbers stand in their order, whichever of them a file brings first: size 9.5 at 95.
POSITIONS_A_SIZE = 10


@dataclass(frozen=True, slots=True)
class TradeOptions:
    """What the file does not say. `latest` is the last moment a sale may have; None lets any pass."""

    columns: Mapping[str, Column]
    latest: datetime | None
    default_category: str = "Sneakers"
    default_brand: str = "House"
    size_prefix: str = ""
    skips_bad: bool = False


@dataclass(frozen=True, slots=True)
class SoldItem:
    """What the first row of an item tells of it; `name` is empty where the file names none."""

    name: str
    brand: str
    category: str
    retail_price_cents: int | None
    released_on: date | None


@dataclass(frozen=True, slots=True)
class Sale:
    """One sale; the price in minor units."""

    item_id: str
    size: str
    price_cents: int
    sold_at: datetime


class SaleParser:
    """Reads rows; what the file tells of an item is read once, on the item's first good row."""

    def __init__(self, options: TradeOptions, known: frozenset[str]) -> None:
        self._options = options
        self._known = known
        self.items: dict[str, SoldItem] = {}

    def parse(self, row: Row) -> Sale | Fault:
        """The sale that a row tells, or its first fault."""
        columns = self._options.columns
        if not row.is_whole:
            found, wanted = row.values
            return Fault(row.line, "(all)", found, "fields", wanted, "Check this line's commas and quotes.")
        value = dict(zip(columns, row.values, strict=True))
        key = "item_id"
        try:
            item_id = text(value[key], longest=LONGEST_ID)
            sold_at = moment(value[key := "sold_at"], latest=self._options.latest)
            cents = _paid_cents(value[key := "price"])
            size = text(_size(value[key := "size"], self._options.size_prefix), longest=LONGEST_SIZE)
        except BadValue as bad:
            return Fault(row.line, columns[key].name, value[key], bad.reason, bad.expected, bad.fix)
        if item_id not in self.items:
            item = self._item(row.line, item_id, value)
            if isinstance(item, Fault):
                return item
            self.items[item_id] = item
        return Sale(item_id, size, cents, sold_at)

    def _item(self, line: int, item_id: str, value: Mapping[str, str]) -> SoldItem | Fault:
        key = "name"
        try:
            name = text(value[key], longest=200, is_required=False)
            if not name and item_id not in self._known:
                key = "item_id"
                raise BadValue(
                    "unknown item",
                    "an item of the catalogue, or one that the file names",
                    "Import it with import_catalog, or say which column names it: --name COLUMN",
                )
            brand = text(value[key := "brand"] or self._options.default_brand, longest=80)
            category = text(value[key := "category"] or self._options.default_category, longest=80)
            retail_cents = price_cents(value[key := "retail_price"])
            released = value[key := "released"]
            released_on = moment(released).date() if released else None
        except BadValue as bad:
            return Fault(line, self._options.columns[key].name, value[key], bad.reason, bad.expected, bad.fix)
        return SoldItem(_readable(name), brand, category, retail_cents, released_on)


def position_of(size: str) -> int:
    """Where a size stands among its product's: numbers by their value, clothes from XXS to XXXL, others first."""
    number = PLAIN_NUMBER.search(size)
    if number is not None:
        return round(float(number.group()) * POSITIONS_A_SIZE)
    return CLOTHES.index(size) + 1 if size in CLOTHES else 0


def _size(written: str, prefix: str) -> str:
    """`9.0` and `9` are one size; numbers get the prefix that the owner gave."""
    if PLAIN_NUMBER.fullmatch(written):
        return f"{prefix}{float(written):g}"
    return written or ONE_SIZE


def _paid_cents(written: str) -> int:
    cents = price_cents(written)
    if cents is None:
        raise BadValue("no price", "a price such as 220.00", "Correct it, or leave the row out: nothing was paid.")
    return cents


def _readable(name: str) -> str:
    """A name that is written as an address, with hyphens for spaces, as a shop would write it."""
    return tidy_name(name.replace("-", " ") if " " not in name else name)
