"""One product of a generated catalogue, from its model and its look."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from catalog.art.palettes import COLOURWAYS
from catalog.art.silhouettes import Category, Silhouette
from catalog.generation.brands import BrandIdentity
from catalog.generation.naming import describe, keywords
from catalog.generation.pricing import GeneratedSize, make_sizes, price_tier


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
    extra: dict[str, str | float] | None = None,
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
        extra: attributes beside those that every product has.
    """
    colourway = COLOURWAYS[look.palette]
    name = f"{model.name} {look.label}"
    return GeneratedProduct(
        sku=sku,
        name=name,
        slug=f"{brand.slug}-{name.lower().replace(' ', '-')}",
        brand_slug=brand.slug,
        category_slug=category,
        colourway=look.label,
        description=describe(brand, category, model.name, colourway, look.pattern, rng),
        keywords=keywords(brand, category, model.silhouette.name, colourway, look.pattern),
        attributes={
            "brand": brand.slug,
            "category": category,
            "model": model.name,
            "silhouette": model.silhouette.name,
            "colour": colourway.family,
            "palette": look.palette,
            "pattern": look.pattern,
            "mark": brand.mark,
            "price_tier": price_tier(category, model.retail_cents),
            "hype": model.hype,
            **(extra or {}),
        },
        retail_price_cents=model.retail_cents,
        released_on=today - timedelta(days=model.age_days),
        sizes=make_sizes(category, model.retail_cents, model.hype, max(0, model.age_days), rng),
    )
