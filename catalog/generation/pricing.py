"""Retail prices, sizes and the standing asks of a product."""

import random
from dataclasses import dataclass

from catalog.art.silhouettes import Category

_SHOE_SIZES = tuple(f"US {half / 2:g}" for half in range(14, 27))
SIZES: dict[Category, tuple[str, ...]] = {
    "low-tops": _SHOE_SIZES,
    "high-tops": _SHOE_SIZES,
    "runners": _SHOE_SIZES,
    "hoodies": ("XS", "S", "M", "L", "XL", "XXL"),
    "caps": ("One size",),
    "watches": ("One size",),
    "tees": ("XS", "S", "M", "L", "XL", "XXL"),
    "slides": tuple(f"US {size}" for size in range(6, 15)),
    "backpacks": ("One size",),
    "headphones": ("One size",),
    "handhelds": ("One size",),
    "trading-cards": ("Raw", "Grade 8", "Grade 9", "Grade 10"),
}
_WORTH: dict[str, float] = {"Grade 8": 1.25, "Grade 9": 1.7, "Grade 10": 3.1}
"""What a size is worth beside its product's plain one, where it makes a difference."""
_RETAIL_DOLLARS: dict[Category, tuple[int, int]] = {
    "low-tops": (70, 240),
    "high-tops": (85, 290),
    "runners": (80, 260),
    "hoodies": (55, 220),
    "caps": (24, 75),
    "watches": (120, 780),
    "tees": (26, 110),
    "slides": (28, 130),
    "backpacks": (65, 320),
    "headphones": (70, 460),
    "handhelds": (110, 420),
    "trading-cards": (6, 90),
}
_PRICED_BY_DOLLARS = ("caps", "tees", "slides", "trading-cards")
PRICE_TIERS = ("entry", "core", "premium", "luxury")


@dataclass(frozen=True, slots=True)
class GeneratedAsk:
    """A house seller's standing offer, placed `age_hours` before the catalogue's day began."""

    price_cents: int
    age_hours: int


@dataclass(frozen=True, slots=True)
class GeneratedSize:
    """One size of a product, its asks cheapest first."""

    size: str
    position: int
    asks: tuple[GeneratedAsk, ...]


def retail_price_cents(category: Category, level: float, rng: random.Random) -> int:
    """A retail price in whole five dollars (whole dollars where things are cheap), in cents.

    Args:
        category: sets the range.
        level: the brand's price level, 0..1.
        rng: spreads models of one brand by about a fifth of the range.
    """
    low, high = _RETAIL_DOLLARS[category]
    share = min(1.0, max(0.0, level + rng.uniform(-0.2, 0.2)))
    step = 1 if category in _PRICED_BY_DOLLARS else 5
    return round((low + (high - low) * share) / step) * step * 100


def price_tier(category: Category, retail_cents: int) -> str:
    """Which quarter of its category's price range a retail price lies in."""
    low, high = (dollars * 100 for dollars in _RETAIL_DOLLARS[category])
    share = (retail_cents - low) / (high - low)
    return PRICE_TIERS[min(3, max(0, int(share * 4)))]


def premium(hype: float) -> float:
    """What the market pays over retail: 0.82 for the unloved, about 2.6 for the most wanted."""
    return float(0.82 + 1.8 * hype**2.4)


def make_sizes(
    category: Category, retail_cents: int, hype: float, age_days: int, rng: random.Random
) -> tuple[GeneratedSize, ...]:
    """Every size of a product with its asks.

    Args:
        category: sets the sizes.
        retail_cents: the retail price, in cents.
        hype: 0..1; the wanted are dearer, and rarer in the sizes at the ends.
        age_days: days since release; no ask is older.
        rng: draws availability, depth and spread.

    Returns:
        All sizes in order; at least one of them has an ask.
    """
    sizes, middle = SIZES[category], (len(SIZES[category]) - 1) / 2
    offered = rng.randrange(len(sizes))
    worth = retail_cents * premium(hype) * rng.uniform(0.94, 1.06)
    made = []
    for position, size in enumerate(sizes):
        edge = abs(position - middle) / middle if middle else 0.0
        is_offered = position == offered or rng.random() < 0.97 - 0.22 * edge - 0.1 * hype
        floor = worth * (1 + 0.1 * edge * (hype - 0.3) + rng.uniform(-0.05, 0.05)) * _WORTH.get(size, 1.0)
        asks = _asks(floor, age_days, rng) if is_offered else ()
        made.append(GeneratedSize(size, position, asks))
    return tuple(made)


def _asks(floor_cents: float, age_days: int, rng: random.Random) -> tuple[GeneratedAsk, ...]:
    price, asks = floor_cents, []
    oldest = max(1, min(age_days, 45) * 24)
    for _ in range(rng.choices((1, 2, 3, 4, 5), (3, 4, 3, 2, 1))[0]):
        asks.append(GeneratedAsk(max(100, round(price / 100) * 100), rng.randrange(oldest)))
        price *= 1 + rng.uniform(0.01, 0.09)
    return tuple(asks)
