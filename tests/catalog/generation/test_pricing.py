import random

import pytest

from catalog.generation.pricing import SIZES, make_sizes, premium, price_tier, retail_price_cents


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


def test_make_sizes_places_no_ask_before_the_release() -> None:
    sizes = make_sizes("runners", 15_000, 0.5, 3, random.Random(5))

    assert all(ask.age_hours < 72 for size in sizes for ask in size.asks)
