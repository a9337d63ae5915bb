"""Real sales from a file: the products they name, and a price history of each, as trades that nobody here made."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from django.db import connection, transaction

from catalog.history import add_staged, staging_trades
from catalog.models import Brand, Category, Product, Trade
from storefront.imports.catalogue_rows import RELEASE, UNKNOWN, GroupSlugs
from storefront.imports.faults import Fault, Faults, ImportRefused
from storefront.imports.files import CsvFile
from storefront.imports.naming import slug_of
from storefront.imports.trade_rows import Sale, SaleParser, SoldItem, TradeOptions, position_of
from storefront.origin import IMPORTED, ORIGIN, require_no_simulation
from storefront.progress import Report

HousePrice = Literal["last-sale", "retail", "none"]
IMPORT_LOCK = 7_042_002
ROWS_A_REPORT = 10_000
# The share of the work that reading the file is.
READING = 0.6
DROP_STAGING = "DROP TABLE IF EXISTS staged_sale, staged_item"
CREATE_SALES = """
    CREATE TEMPORARY TABLE staged_sale (
        sku text NOT NULL, size text NOT NULL, position smallint NOT NULL, price_cents integer NOT NULL,
        sold_at timestamptz NOT NULL
    )
"""
CREATE_ITEMS = """
    CREATE TEMPORARY TABLE staged_item (
        sku text NOT NULL, name text NOT NULL, slug text NOT NULL, brand text NOT NULL, brand_slug text NOT NULL,
        category text NOT NULL, category_slug text NOT NULL, retail_price_cents integer, released_on date,
        attributes jsonb NOT NULL
    )
"""
INSERT_BRANDS = """
    INSERT INTO catalog_brand (name, slug) SELECT DISTINCT brand, brand_slug FROM staged_item ON CONFLICT DO NOTHING
"""
INSERT_CATEGORIES = """
    INSERT INTO catalog_category (name, slug, position)
    SELECT DISTINCT category, category_slug, 0 FROM staged_item ON CONFLICT DO NOTHING
"""
# Products that the shop holds stay as they are. Whose release no row tells was out when it was first sold.
INSERT_PRODUCTS = """
    INSERT INTO catalog_product (
        sku, name, slug, brand_id, category_id, colourway, description, keywords, attributes, retail_price_cents,
        released_on, is_listed
    )
    SELECT s.sku, s.name, s.slug, b.id, c.id, '', '', s.brand || ' ' || s.category, s.attributes,
        s.retail_price_cents, coalesce(s.released_on, first.sold_on), true
    FROM staged_item s
    JOIN (SELECT sku, min(sold_at)::date AS sold_on FROM staged_sale GROUP BY sku) AS first USING (sku)
    JOIN catalog_brand b ON b.name = s.brand
    JOIN catalog_category c ON c.name = s.category
    WHERE s.name <> ''
    ON CONFLICT (sku) DO NOTHING
"""
INSERT_VARIANTS = """
    INSERT INTO catalog_variant (product_id, size, position)
    SELECT DISTINCT p.id, s.size, s.position FROM staged_sale s JOIN catalog_product p USING (sku)
    ON CONFLICT (product_id, size) DO NOTHING
"""
STAGE_TRADES = """
    INSERT INTO staged_trade (variant_id, price_cents, traded_at)
    SELECT v.id, s.price_cents, s.sold_at
    FROM staged_sale s JOIN catalog_product p USING (sku)
    JOIN catalog_variant v ON v.product_id = p.id AND v.size = s.size
"""
# What a person set since stays; only products of a file of sales get a price of the house by itself.
SET_HOUSE_PRICES = """
    UPDATE catalog_product p SET house_price_cents = CASE WHEN %(of)s = 'retail' THEN p.retail_price_cents ELSE (
        SELECT t.price_cents FROM catalog_trade t JOIN catalog_variant v ON v.id = t.variant_id
        WHERE v.product_id = p.id AND t.source = 'import' ORDER BY t.traded_at DESC, t.id DESC LIMIT 1
    ) END
    FROM staged_item s WHERE s.sku = p.sku AND p.house_price_cents IS NULL AND p.attributes @> %(mark)s
"""
# Such a product came with its sales, not with a catalogue of its own.
FROM_SALES = {"came_with": "sales"}


@dataclass(slots=True)
class TradeReport:
    """Where every row of the file went; `newest_at` is the latest good row's time."""

    n_rows: int = 0
    n_good: int = 0
    n_new_trades: int = 0
    n_new_products: int = 0
    newest_at: datetime | None = None
    faults: Faults = field(default_factory=Faults)

    @property
    def n_held(self) -> int:
        """Good rows whose sale the shop held already."""
        return self.n_good - self.n_new_trades


def import_trades(path: Path, options: TradeOptions, *, house_price: HousePrice, report: Report) -> TradeReport:
    """Import a file of sales. Every row is read before anything is written; then trades are added batch by batch.

    Importing the file again, or a longer one, adds what the shop lacks; so does starting again after a kill.

    Args:
        path: a CSV file, plain or gzip.
        options: the columns' names, and what the file does not say.
        house_price: what the house asks for a product that came with its sales, as long as nobody said otherwise.
        report: told the share done, 0..1, and a note.

    Raises:
        ImportRefused: the file is unusable, a row is bad and `skips_bad` is off, or another import is under way.
        OriginMixed: the world holds invented products or simulated shoppers.
    """
    require_no_simulation()
    done = TradeReport()
    with _alone(), CsvFile.open(path) as file, _staging_sales(), staging_trades():
        parser = SaleParser(options, frozenset(Product.objects.values_list("sku", flat=True)))
        _stage_sales(file, parser, options, done, report)
        if not options.skips_bad:
            done.faults.refuse(path.name)
        report(READING, f"storing {done.n_good:,} sales")
        _store_products(parser.items, done)
        done.n_new_trades = add_staged(
            Trade.Source.IMPORT,
            on_progress=lambda share: report(READING + (1 - READING) * share, "storing"),
        )
        if house_price != "none":
            with connection.cursor() as cursor:
                cursor.execute(SET_HOUSE_PRICES, {"of": house_price, "mark": json.dumps(FROM_SALES)})
    report(1.0, "done")
    return done


@contextmanager
def _alone() -> Iterator[None]:
    """Two imports at once would each add what both lack."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [IMPORT_LOCK])
        if not cursor.fetchone()[0]:
            raise ImportRefused("Another import of trades is under way in this world; wait for its end.")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [IMPORT_LOCK])


@contextmanager
def _staging_sales() -> Iterator[None]:
    with connection.cursor() as cursor:
        # What a refused import left behind.
        cursor.execute(DROP_STAGING)
        cursor.execute(CREATE_SALES)
        cursor.execute(CREATE_ITEMS)
    yield
    with connection.cursor() as cursor:
        cursor.execute(DROP_STAGING)


def _stage_sales(file: CsvFile, parser: SaleParser, options: TradeOptions, done: TradeReport, report: Report) -> None:
    with connection.cursor() as cursor, cursor.copy("COPY staged_sale FROM STDIN") as copy:
        for row in file.rows(options.columns):
            done.n_rows += 1
            if done.n_rows % ROWS_A_REPORT == 0:
                report(READING * file.share_read(), f"{done.n_rows:,} rows")
            sale = parser.parse(row)
            if isinstance(sale, Fault):
                done.faults.add(sale)
                continue
            done.n_good += 1
            done.newest_at = sale.sold_at if done.newest_at is None else max(done.newest_at, sale.sold_at)
            copy.write_row(_columns(sale))


def _columns(sale: Sale) -> tuple[Any, ...]:
    return sale.item_id, sale.size, position_of(sale.size), sale.price_cents, sale.sold_at


@transaction.atomic
def _store_products(items: dict[str, SoldItem], done: TradeReport) -> None:
    """Products and sizes that the shop lacks, and every sale as a staged trade of its variant."""
    brands, categories = GroupSlugs.held_by(Brand), GroupSlugs.held_by(Category)
    with connection.cursor() as cursor:
        with cursor.copy("COPY staged_item FROM STDIN") as copy:
            for sku, item in items.items():
                slugs = brands.of(item.brand), categories.of(item.category)
                copy.write_row(_item_columns(sku, item, *slugs))
        cursor.execute(INSERT_BRANDS)
        cursor.execute(INSERT_CATEGORIES)
        cursor.execute(INSERT_PRODUCTS)
        done.n_new_products = cursor.rowcount
        cursor.execute(INSERT_VARIANTS)
        cursor.execute(STAGE_TRADES)


def _item_columns(sku: str, item: SoldItem, brand_slug: str, category_slug: str) -> tuple[Any, ...]:
    attributes = {ORIGIN: IMPORTED, **FROM_SALES}
    if item.released_on is None:
        attributes[RELEASE] = UNKNOWN
    return (
        sku,
        item.name,
        slug_of(sku, longest=220),
        item.brand,
        brand_slug,
        item.category,
        category_slug,
        item.retail_price_cents,
        item.released_on,
        json.dumps(attributes),
    )
