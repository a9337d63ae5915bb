"""One product of a generated catalogue, from its model and its look."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from catalog.art.palettes import COLOURWAYS
from catalog.art.silhouettes import Category, Silhouette
from catalog.generation.brands import BrandIdentity
from catalog.generation.naming import describe, keywords
from catalog.generation.pricing import GeneratedSize, make_sizes, price_tier
from catalog.generation.vocabulary import DROP_OPENINGS, OPENINGS


@dataclass(frozen=True, slots=True)
class GeneratedProduct:
    """One product; `attributes` is plain JSON: what the drawing and a shopper's taste depend on."""

    sku: str
    name: str
    slug: str
    brand_slug: str
    category_slug: str
    colourway: str
    description: str
    keywords: str
    attributes: dict[str, str | float]
    retail_price_cents: int
    released_on: date
    sizes: tuple[GeneratedSize, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """What the colourways of one model share; `age_days` is negative for what is still to come."""

    name: str
    silhouette: Silhouette
    retail_cents: int
    hype: float
    age_days: int


@dataclass(frozen=True, slots=True)
class Look:
    """One product's dress: palette and pattern by their slugs, and the words printed after the model's name."""

    palette: str
    pattern: str
    label: str


def make_product(
    brand: BrandIdentity,
    category: Category,
    model: Model,
    look: Look,
    *,
    sku: str,
    today: date,
    rng: random.Random,
    is_drop: bool = False,
) -> GeneratedProduct:
    """Put a product together.

    Args:
        brand: whose it is.
        category: where it stands.
        model: its `hype` and `age_days` are taken as they are.
        look: how it is dressed.
        sku: its SKU.
        today: the day that ages count back from.
        rng: draws the prose and the asks.
        is_drop: whether it is a limited edition; its attributes then have `drop`.
    """
    colourway = COLOURWAYS[look.palette]
    name = f"{model.name} {look.label}"
    openings = DROP_OPENINGS if is_drop else OPENINGS
    return GeneratedProduct(
        sku=sku,
        name=name,
        slug=f"{brand.slug}-{name.lower().replace(' ', '-')}",
        brand_slug=brand.slug,
        category_slug=category,
        colourway=look.label,
        description=describe(brand, category, model.name, colourway, look.pattern, rng, openings=openings),
        keywords=keywords(brand, category, model.silhouette.name, colourway, look.pattern),
        attributes=_attributes(brand, category, model, look) | ({"drop": True} if is_drop else {}),
        retail_price_cents=model.retail_cents,
        released_on=today - timedelta(days=model.age_days),
        sizes=make_sizes(category, model.retail_cents, model.hype, max(0, model.age_days), rng),
    )


def _attributes(brand: BrandIdentity, category: Category, model: Model, look: Look) -> dict[str, str | float]:
    return {
        "brand": brand.slug,
        "category": category,
        "model": model.name,
        "silhouette": model.silhouette.name,
        "colour": COLOURWAYS[look.palette].family,
        "palette": look.palette,
        "pattern": look.pattern,
        "mark": brand.mark,
        "price_tier": price_tier(category, model.retail_cents),
        "hype": model.hype,
    }
