"""Writes a generated catalogue: products, sizes, the house's asks, drops and quotes; all or nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.db import connection, transaction

from catalog.exceptions import SeedRefused
from catalog.generation.catalogue import Catalogue
from catalog.generation.products import GeneratedProduct
from catalog.generation.stock import make_stock
from catalog.models import Ask, Brand, Category, Drop, DropSize, Product, Quote, Variant

BATCH_PRODUCTS = 400


@dataclass(frozen=True, slots=True)
class _Made:
    """A product's row beside what it was made of, and its sizes in order."""

    product: Product
    source: GeneratedProduct
    variants: list[Variant]


@dataclass(frozen=True, slots=True)
class SeedResult:
    """How many products were written, and how many of the catalogue were there before."""

    n_written: int
    n_present: int


def seed_catalogue(
    catalogue: Catalogue, *, is_adding: bool, at: datetime, on_progress: Callable[[int], None]
) -> SeedResult:
    """Write what the shop lacks of `catalogue`, in one transaction.

    Args:
        catalogue: what to write.
        is_adding: whether a shop that holds other products may be added to.
        at: the world's time, kept as the quotes' time.
        on_progress: told how many products each batch brought.

    Returns:
        Nothing written and all present, where the catalogue was seeded before.

    Raises:
        SeedRefused: the shop holds other products and `is_adding` is false, or the same SKUs
            with other contents.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Two seedings at once would both find the shop empty; readers are not held up.
            cursor.execute("LOCK TABLE catalog_product IN SHARE ROW EXCLUSIVE MODE")
        missing = _missing(catalogue, is_adding=is_adding)
        if missing:
            _write(catalogue, missing, at, on_progress)
    return SeedResult(len(missing), len(catalogue.products) - len(missing))


def _missing(catalogue: Catalogue, *, is_adding: bool) -> list[GeneratedProduct]:
    wanted = {product.sku: product for product in catalogue.products}
    held = dict(Product.objects.values_list("sku", "attributes"))
    if any(attributes.get("origin") == "import" for attributes in held.values()):
        raise SeedRefused(
            "This world holds an imported catalogue, which is never mixed with an invented one; set WORLD."
        )
    for sku in held.keys() & wanted.keys():
        if held[sku] != wanted[sku].attributes:
            raise SeedRefused(
                f"SKU {sku} is in the shop with other contents than --seed {catalogue.seed} gives it; "
                "use the seed that filled this shop, or an empty WORLD."
            )
    missing = [product for sku, product in wanted.items() if sku not in held]
    if held and missing and not is_adding:
        raise SeedRefused(
            f"The shop already holds {len(held):,} products, {len(missing):,} short of --size {catalogue.size}; "
            "pass --add to add those, or use an empty WORLD."
        )
    return missing


def _write(
    catalogue: Catalogue,
    missing: Sequence[GeneratedProduct],
    at: datetime,
    on_progress: Callable[[int], None],
) -> None:
    brands = {
        brand.slug: Brand.objects.get_or_create(slug=brand.slug, defaults={"name": brand.name})[0]
        for brand in catalogue.brands
    }
    categories = {
        category.slug: Category.objects.get_or_create(
            slug=category.slug, defaults={"name": category.name, "position": category.position}
        )[0]
        for category in catalogue.categories
    }
    midnight = datetime.combine(catalogue.today, time(), UTC)
    for start in range(0, len(missing), BATCH_PRODUCTS):
        batch = missing[start : start + BATCH_PRODUCTS]
        products = Product.objects.bulk_create(_product_row(product, brands, categories) for product in batch)
        _write_books(products, batch, midnight, at)
        on_progress(len(batch))


def _product_row(product: GeneratedProduct, brands: dict[str, Brand], categories: dict[str, Category]) -> Product:
    return Product(
        sku=product.sku,
        name=product.name,
        slug=product.slug,
        brand=brands[product.brand_slug],
        category=categories[product.category_slug],
        colourway=product.colourway,
        description=product.description,
        keywords=product.keywords,
        attributes=product.attributes,
        retail_price_cents=product.retail_price_cents,
        released_on=product.released_on,
    )


def _write_books(
    products: Sequence[Product], generated: Sequence[GeneratedProduct], midnight: datetime, at: datetime
) -> None:
    """Sizes with their asks and quotes; no book has a last sale yet, a drop to come has its stock alone."""
    made = [
        _Made(
            product, source, [Variant(product=product, size=size.size, position=size.position) for size in source.sizes]
        )
        for product, source in zip(products, generated, strict=True)
    ]
    Variant.objects.bulk_create([variant for each in made for variant in each.variants])
    stock = _write_drops(made, at)
    asks = [ask for each in made if each.product.pk not in stock for ask in _asks(each, midnight)]
    asks += [ask for of_drop in stock.values() for ask in of_drop]
    Ask.objects.bulk_create(asks, batch_size=4_000)
    lowest: dict[int, int] = {}
    for ask in asks:
        lowest[ask.variant_id] = min(ask.price_cents, lowest.get(ask.variant_id, ask.price_cents))
    Quote.objects.bulk_create(
        Quote(variant=variant, lowest_ask_cents=lowest.get(variant.pk), updated_at=at)
        for each in made
        for variant in each.variants
    )


def _asks(made: _Made, midnight: datetime) -> list[Ask]:
    return [
        Ask(variant=variant, price_cents=ask.price_cents, placed_at=midnight - timedelta(hours=ask.age_hours))
        for variant, size in zip(made.variants, made.source.sizes, strict=True)
        for ask in size.asks
    ]


def _write_drops(made: Sequence[_Made], at: datetime) -> dict[int, list[Ask]]:
    """Announce the drops among the products; the stock of those to come, by the product's id, not written yet."""
    stocks = [(each, stock) for each in made if (stock := make_stock(each.source, at)) is not None]
    drops = Drop.objects.bulk_create(
        Drop(
            product=each.product,
            opens_at=stock.opens_at,
            price_cents=stock.price_cents,
            limit_per_account=stock.limit_per_account,
        )
        for each, stock in stocks
    )
    pieces = [
        (drop, variant, n_pieces)
        for drop, (each, stock) in zip(drops, stocks, strict=True)
        for variant, n_pieces in zip(each.variants, stock.pieces or [0] * len(each.variants), strict=True)
        if n_pieces
    ]
    DropSize.objects.bulk_create(
        DropSize(drop=drop, variant=variant, n_pieces=n_pieces) for drop, variant, n_pieces in pieces
    )
    asks: dict[int, list[Ask]] = {}
    for drop, variant, n_pieces in pieces:
        asks.setdefault(drop.product_id, []).extend(
            Ask(variant=variant, drop=drop, price_cents=drop.price_cents, placed_at=at) for _ in range(n_pieces)
        )
    return asks
