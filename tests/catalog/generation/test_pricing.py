import random

import pytest

from catalog.art.silhouettes import Category
from catalog.generation.pricing import PRICE_TIERS, SIZES, make_sizes, premium, price_tier, retail_price_cents


def test_premium_rises_with_hype_from_below_retail() -> None:
    premiums = [premium(hype / 10) for hype in range(11)]

    assert premiums == sorted(premiums)
    assert premiums[0] < 1 < premiums[-1]


def test_retail_price_follows_the_brands_level() -> None:
    rng = random.Random(1)

    cheap = [retail_price_cents("low-tops", 0.2, rng) for _ in range(50)]
    dear = [retail_price_cents("low-tops", 0.9, rng) for _ in range(50)]

    assert max(cheap) < min(dear)
    assert all(price % 500 == 0 for price in cheap + dear)


def test_price_tier_covers_the_range_in_quarters() -> None:
    tiers = [price_tier("hoodies", dollars * 100) for dollars in (55, 100, 150, 220)]

    assert tiers == ["entry", "core", "premium", "luxury"]


@pytest.mark.parametrize("seed", range(20))
def test_make_sizes_offers_at_least_one_size(seed: int) -> None:
    sizes = make_sizes("watches", 20_000, 1.0, 0, random.Random(seed))

    assert [size.size for size in sizes] == list(SIZES["watches"])
    assert sizes[0].asks


def test_make_sizes_asks_more_for_a_card_of_a_higher_grade() -> None:
    floors = [
        [size.asks[0].price_cents if size.asks else 0 for size in make_sizes("trading-cards", 4_000, 0.6, 90, rng)]
        for rng in map(random.Random, range(20))
    ]

    full = [prices for prices in floors if all(prices)]

    assert len(full) >= 5
    assert all(prices == sorted(prices) and prices[3] > 2 * prices[0] for prices in full)


@pytest.mark.parametrize("category", SIZES)
def test_make_sizes_knows_every_category(category: Category) -> None:
    cents = retail_price_cents(category, 0.5, random.Random(3))

    sizes = make_sizes(category, cents, 0.5, 30, random.Random(3))

    assert [size.size for size in sizes] == list(SIZES[category])
    assert price_tier(category, cents) in PRICE_TIERS


def test_make_sizes_places_no_ask_before_the_release() -> None:
    sizes = make_sizes("runners", 15_000, 0.5, 3, random.Random(5))

    assert all(ask.age_hours < 72 for size in sizes for ask in size.asks)
