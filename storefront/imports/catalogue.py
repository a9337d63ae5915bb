"""A catalogue from a file into the shop: products in one size that the house sells at the file's price."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from catalog.models import Brand, Category
from storefront.imports.catalogue_rows import RELEASE, UNKNOWN, CatalogueOptions, Excluded, GroupSlugs, parse_row
from storefront.imports.faults import Fault, Faults
from storefront.imports.files import CsvFile
from storefront.origin import require_no_simulation
from storefront.progress import Report

ONE_SIZE = "One size"
ROWS_A_REPORT = 2_000
CREATE_STAGING = """
    CREATE TEMPORARY TABLE staged_product (
        line integer, sku text, name text, slug text, brand text, brand_slug text, category text, category_slug text,
        description text, keywords text, attributes jsonb, house_price_cents integer, released_on date,
        is_listed boolean
    ) ON COMMIT DROP
"""
DELETE_REPEATED = """
    DELETE FROM staged_product later
    USING (SELECT sku, min(line) AS line FROM staged_product GROUP BY sku HAVING count(*) > 1) first
    WHERE later.sku = first.sku AND later.line > first.line
    RETURNING later.line, later.sku, first.line
"""
INSERT_BRANDS = """
    INSERT INTO catalog_brand (name, slug)
    SELECT DISTINCT brand, brand_slug FROM staged_product ON CONFLICT DO NOTHING
"""
INSERT_CATEGORIES = """
    INSERT INTO catalog_category (name, slug, position)
    SELECT DISTINCT category, category_slug, 0 FROM staged_product ON CONFLICT DO NOTHING
"""
# A release date that the first interaction told stays. A product that did not change is not written.
UPSERT_PRODUCTS = """
    INSERT INTO catalog_product AS held (
        sku, colourway, name, slug, brand_id, category_id, description, keywords, attributes, house_price_cents,
        released_on, is_listed
    )
    SELECT s.sku, '', s.name, s.slug, b.id, c.id, s.description, s.keywords, s.attributes, s.house_price_cents,
        CASE WHEN s.attributes ->> %s = %s THEN coalesce(old.released_on, s.released_on) ELSE s.released_on END,
        s.is_listed
    FROM staged_product s
    JOIN catalog_brand b ON b.name = s.brand
    JOIN catalog_category c ON c.name = s.category
    LEFT JOIN catalog_product old ON old.sku = s.sku
    ON CONFLICT (sku) DO UPDATE SET (
        name, slug, brand_id, category_id, description, keywords, attributes, house_price_cents, released_on, is_listed
    ) = (
        EXCLUDED.name, EXCLUDED.slug, EXCLUDED.brand_id, EXCLUDED.category_id, EXCLUDED.description,
        EXCLUDED.keywords, EXCLUDED.attributes, EXCLUDED.house_price_cents, EXCLUDED.released_on, EXCLUDED.is_listed
    ) WHERE (
        held.name, held.slug, held.brand_id, held.category_id, held.description, held.keywords, held.attributes,
        held.house_price_cents, held.released_on, held.is_listed
    ) IS DISTINCT FROM (
        EXCLUDED.name, EXCLUDED.slug, EXCLUDED.brand_id, EXCLUDED.category_id, EXCLUDED.description,
        EXCLUDED.keywords, EXCLUDED.attributes, EXCLUDED.house_price_cents, EXCLUDED.released_on, EXCLUDED.is_listed
    ) RETURNING xmax = 0
"""
INSERT_VARIANTS = """
    INSERT INTO catalog_variant (product_id, size, position)
    SELECT p.id, %s, 0 FROM staged_product s JOIN catalog_product p USING (sku) ON CONFLICT DO NOTHING
"""
INSERT_QUOTES = """
    INSERT INTO catalog_quote (variant_id, updated_at)
    SELECT v.id, %s
    FROM staged_product s JOIN catalog_product p USING (sku) JOIN catalog_variant v ON v.product_id = p.id
    ON CONFLICT DO NOTHING
"""


@dataclass(slots=True)
class CatalogueReport:
    """Where every row of the file went; `unused_names` were excluded but no item has them."""

    n_rows: int = 0
    n_new: int = 0
    n_changed: int = 0
    n_listed: int = 0
    n_fee_lines: int = 0
    n_without_price: int = 0
    unused_names: tuple[str, ...] = ()
    faults: Faults = field(default_factory=Faults)

    @property
    def n_unchanged(self) -> int:
        """Rows that the shop held just so."""
        return self.n_rows - len(self.faults) - self.n_new - self.n_changed


def import_catalogue(path: Path, options: CatalogueOptions, *, at: datetime, report: Report) -> CatalogueReport:
    """Import a file whole or not at all; importing it again changes nothing.

    Args:
        path: a CSV file, plain or gzip.
        options: the columns' names, and what the file does not say.
        at: the world's now.
        report: told the share done, 0..1, and a note.

    Raises:
        ImportRefused: the file is unusable, or a row is bad and `skips_bad` is off.
        OriginMixed: the world holds invented products or simulated shoppers.
    """
    require_no_simulation()
    done = CatalogueReport()
    with CsvFile.open(path) as file, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CREATE_STAGING)
        # Read before the COPY begins, which has the connection to itself.
        slugs = GroupSlugs.held_by(Brand), GroupSlugs.held_by(Category)
        with cursor.copy("COPY staged_product FROM STDIN") as copy:
            for columns in _columns(file, options, slugs, done, report):
                copy.write_row(columns)
        _refuse_repeated(cursor, done.faults, options.columns["item_id"].name)
        if not options.skips_bad:
            done.faults.refuse(path.name)
        report(0.9, "storing")
        _store(cursor, done, at)
        cursor.execute("DROP TABLE staged_product")
    report(1.0, "done")
    return done


def _columns(
    file: CsvFile,
    options: CatalogueOptions,
    slugs: tuple[GroupSlugs, GroupSlugs],
    done: CatalogueReport,
    report: Report,
) -> Iterator[tuple[Any, ...]]:
    """Every good row in the order of the staging table; bad ones are added to the faults."""
    excluded = Excluded(options.excluded_names)
    brands, categories = slugs
    for raw in file.rows(options.columns):
        done.n_rows += 1
        if done.n_rows % ROWS_A_REPORT == 0:
            report(0.9 * file.share_read(), f"{done.n_rows:,} rows")
        row = parse_row(raw, options, excluded)
        if isinstance(row, Fault):
            done.faults.add(row)
            continue
        done.n_listed += row.is_listed
        done.n_fee_lines += row.is_fee
        done.n_without_price += row.house_price_cents is None and not row.is_fee
        yield (
            row.line,
            row.sku,
            row.name,
            row.slug,
            row.brand,
            brands.of(row.brand),
            row.category,
            categories.of(row.category),
            row.description,
            f"{row.brand} {row.category}",
            row.attributes,
            row.house_price_cents,
            row.released_on,
            row.is_listed,
        )
    done.unused_names = excluded.unmet()


def _refuse_repeated(cursor: Any, faults: Faults, column: str) -> None:
    """An item given twice is a fault of its later lines, which leave the staging table."""
    cursor.execute(DELETE_REPEATED)
    for line, sku, first in sorted(cursor.fetchall()):
        fix = f"Line {first:,} gives this item already; remove one of the two."
        faults.add(Fault(line, column, sku, "item given twice", "an item once", fix))


def _store(cursor: Any, done: CatalogueReport, at: datetime) -> None:
    cursor.execute(INSERT_BRANDS)
    cursor.execute(INSERT_CATEGORIES)
    cursor.execute(UPSERT_PRODUCTS, [RELEASE, UNKNOWN])
    written = [is_new for (is_new,) in cursor.fetchall()]
    done.n_new, done.n_changed = written.count(True), written.count(False)
    cursor.execute(INSERT_VARIANTS, [ONE_SIZE])
    cursor.execute(INSERT_QUOTES, [at])
