"""A whole demo catalogue from a size, a seed and a day; smaller sizes are parts of larger ones."""

import hashlib
import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from itertools import count, islice
from typing import Literal, get_args

from catalog.art.palettes import COLOURWAYS
from catalog.art.silhouettes import CATEGORIES, SILHOUETTES, Category
from catalog.art.spec import seed_of
from catalog.generation.brands import BRANDS, BrandIdentity
from catalog.generation.drops import make_drops
from catalog.generation.naming import colourway_label, model_name
from catalog.generation.pricing import retail_price_cents
from catalog.generation.products import GeneratedProduct, Look, Model, make_product
from catalog.generation.vocabulary import CATEGORY_NAMES, CODES

Size = Literal["small", "medium", "large"]
SIZES: tuple[Size, ...] = get_args(Size)
PRODUCTS_PER_RANGE: dict[Size, int] = {"small": 10, "medium": 56, "large": 556}
"""Products of each brand in each of its categories; there are 55 such ranges."""

DROPS_PER_BRAND: dict[Size, int] = {"small": 2, "medium": 4, "large": 16}
"""Products beside the ranges, whose release lies days behind or weeks ahead."""

_OLDEST_DAYS = 6 * 365


@dataclass(frozen=True, slots=True)
class GeneratedBrand:
    name: str
    slug: str


@dataclass(frozen=True, slots=True)
class GeneratedCategory:
    name: str
    slug: str
    position: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that `seed_catalog` writes."""

    size: Size
    seed: int
    today: date
    brands: tuple[GeneratedBrand, ...]
    categories: tuple[GeneratedCategory, ...]
    products: tuple[GeneratedProduct, ...]

    def digest(self) -> str:
        """A hash over every field, for telling whether two catalogues are the same bytes."""
        text = json.dumps(asdict(self), sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def generate_catalogue(size: Size, seed: int, today: date) -> Catalogue:
    """Invent a catalogue.

    Args:
        size: small (580 products), medium (3,140) or large (30,820).
        seed: same seed, same catalogue; the smaller sizes of a seed are parts of the larger.
        today: release dates count from here, at most six years back; drops alone lie ahead, weeks at most.

    Returns:
        Brands, categories, and the products: each brand's ranges in SKU order, then the brands' drops.

    Raises:
        ValueError: the size is unknown.
    """
    if size not in PRODUCTS_PER_RANGE:
        raise ValueError(f"size {size!r} is unknown; use one of: {', '.join(SIZES)}")
    wanted, n_drops = PRODUCTS_PER_RANGE[size], DROPS_PER_BRAND[size]
    products = [
        product
        for brand in BRANDS
        for category in brand.categories
        for product in islice(_products(brand, category, seed, today), wanted)
    ]
    products += [drop for brand in BRANDS for drop in islice(make_drops(brand, seed, today), n_drops)]
    return Catalogue(
        size=size,
        seed=seed,
        today=today,
        brands=tuple(GeneratedBrand(brand.name, brand.slug) for brand in BRANDS),
        categories=tuple(
            GeneratedCategory(CATEGORY_NAMES[slug], slug, position) for position, slug in enumerate(CATEGORIES)
        ),
        products=tuple(products),
    )


def _products(brand: BrandIdentity, category: Category, seed: int, today: date) -> Iterator[GeneratedProduct]:
    """An endless range: model after model, each in a few colourways."""
    rng = random.Random(seed_of(f"{seed}/{brand.slug}/{category}"))
    numbers = count(1)
    for turn in count():
        model = _make_model(brand, category, turn, rng)
        for palette, pattern in _looks(brand, rng):
            look = Look(palette, pattern, colourway_label(COLOURWAYS[palette], pattern))
            sku = f"{brand.code}-{CODES[category]}-{next(numbers):04d}"
            yield _make_product(brand, category, model, look, sku, today, rng)


def _make_model(brand: BrandIdentity, category: Category, turn: int, rng: random.Random) -> Model:
    silhouette = rng.choice(SILHOUETTES[category])
    is_new = rng.random() < 0.14
    return Model(
        name=model_name(brand, category, turn, silhouette.name),
        silhouette=silhouette,
        retail_cents=retail_price_cents(category, brand.price_level, rng),
        hype=rng.betavariate(1.6, 2.6) * 0.7 + 0.3 * brand.fame * rng.random(),
        age_days=rng.randrange(60) if is_new else 60 + int((_OLDEST_DAYS - 60) * rng.random() ** 1.7),
    )


def _looks(brand: BrandIdentity, rng: random.Random) -> list[tuple[str, str]]:
    """Three to six distinct pairs of palette and pattern, leaning to what the brand favours."""
    slugs = sorted(COLOURWAYS)
    weights = [4 if COLOURWAYS[slug].family in brand.families else 1 for slug in slugs]
    wanted, looks = rng.randint(3, 6), list[tuple[str, str]]()
    while len(looks) < wanted:
        palette = rng.choices(slugs, weights)[0]
        pattern = "plain" if rng.random() < 0.6 else rng.choice(brand.patterns)
        if (palette, pattern) not in looks:
            looks.append((palette, pattern))
    return looks


def _make_product(
    brand: BrandIdentity, category: Category, model: Model, look: Look, sku: str, today: date, rng: random.Random
) -> GeneratedProduct:
    """One colourway: some come out later than the model, each is wanted a little more or less than it."""
    later_days = rng.choice((0, 0, 30, 90, 200, 400))
    own = replace(
        model,
        age_days=model.age_days - later_days if later_days < model.age_days else model.age_days,
        hype=round(min(0.99, max(0.01, model.hype + rng.gauss(0, 0.12))), 3),
        retail_cents=model.retail_cents + (1000 if look.pattern != "plain" else 0),
    )
    return make_product(brand, category, own, look, sku=sku, today=today, rng=rng)
