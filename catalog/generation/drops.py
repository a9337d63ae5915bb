"""Drops: limited editions whose release lies days behind or weeks ahead of the catalogue's day."""

import random
from collections.abc import Iterator
from datetime import date
from itertools import count

from catalog.art.palettes import COLOURWAYS
from catalog.art.silhouettes import SILHOUETTES
from catalog.art.spec import seed_of
from catalog.generation.brands import BRANDS, BrandIdentity
from catalog.generation.naming import model_name
from catalog.generation.pricing import retail_price_cents
from catalog.generation.products import GeneratedProduct, Look, Model, make_product
from catalog.generation.vocabulary import CODES

LATEST_DAYS = 14
FURTHEST_DAYS = 42
HYPE = (0.72, 0.98)

_EDITIONS = """
Afterglow, Afterhours, Backlot, Bootleg, Daybreak, Double Take, Encore, Far Shore, First Light, Flashpoint, Half Moon,
Heirloom, Homecoming, Hush, Last Call, Long Weekend, Lost Mail, Matinee, Night Shift, Nightswim, Offcut, Open Mic,
Overcast, Postcard, Prologue, Rain Check, Rehearsal, Rooftop, Salt Air, Second Wind, Silver Lining, Skyline, Slow Burn,
Soft Launch, Souvenir, Thaw, Tomorrow, Twilight, Undertow, Wildcard
"""
EDITIONS = tuple(" ".join(name.split()) for name in _EDITIONS.split(","))
# Multiples of these fractions, the golden ratio's and the square root of two's, fall evenly however many are taken.
_GOLDEN, _ROOT = 0.618033988749895, 0.414213562373095


def make_drops(brand: BrandIdentity, seed: int, today: date) -> Iterator[GeneratedProduct]:
    """A brand's drops, as many as it has edition names; any number of them is the beginning of more.

    Together, the brands' drops fall evenly over the days from `LATEST_DAYS` ago to `FURTHEST_DAYS` ahead. Each has
    `drop` among its attributes, and a hype within `HYPE`.

    Args:
        brand: whose drops.
        seed: same seed, same drops.
        today: the day that releases count from.
    """
    rng = random.Random(seed_of(f"{seed}/{brand.slug}/drops"))
    editions = list(EDITIONS)
    rng.shuffle(editions)
    place = BRANDS.index(brand)
    for number, edition in zip(count(), editions, strict=False):
        category = brand.categories[(place + number) % len(brand.categories)]
        silhouette = rng.choice(SILHOUETTES[category])
        falls = (place * _GOLDEN + number * _ROOT) % 1
        model = Model(
            name=model_name(brand, category, rng.randrange(6), silhouette.name),
            silhouette=silhouette,
            retail_cents=retail_price_cents(category, min(1.0, brand.price_level + 0.15), rng),
            hype=round(rng.uniform(*HYPE), 3),
            age_days=LATEST_DAYS - round(falls * (LATEST_DAYS + FURTHEST_DAYS)),
        )
        look = Look(rng.choice(sorted(COLOURWAYS)), rng.choice(("plain", *brand.patterns)), edition)
        sku = f"{brand.code}-{CODES[category]}-D{number + 1:03d}"
        yield make_product(brand, category, model, look, sku=sku, today=today, rng=rng, is_drop=True)
