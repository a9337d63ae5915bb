from dataclasses import replace

import numpy as np

from storefront.simulation.market.parameters import MarketParameters
from storefront.simulation.market.past import PastTrades, draw_past
from storefront.simulation.visits import DAY_S
from tests.storefront.simulation.market.shops import ENDS_S, demo_shop


def drawn(parameters: MarketParameters | None = None, seed: int = 1) -> PastTrades:
    items, sizes = demo_shop()
    return draw_past(parameters or MarketParameters(), items, sizes, ENDS_S, np.random.default_rng(seed))


def test_past_lies_between_the_release_and_now() -> None:
    items, sizes = demo_shop()

    past = drawn()

    assert len(past) > 20_000
    assert (past.at_s < ENDS_S).all()
    assert (past.at_s >= items.released_s[sizes.item[past.size]]).all()
    assert past.at_s.min() > ENDS_S - (104 * 7 + 1) * DAY_S


def test_past_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    one, same, other = drawn(), drawn(), drawn(seed=2)

    assert np.array_equal(one.price_cents, same.price_cents)
    assert np.array_equal(one.at_s, same.at_s)
    assert not np.array_equal(one.at_s[:100], other.at_s[:100])


def test_past_prices_come_to_what_sizes_cost_now() -> None:
    _, sizes = demo_shop()

    past = drawn()

    off = np.log(past.price_cents / sizes.worth_cents[past.size])
    last_week, early = past.at_s > ENDS_S - 7 * DAY_S, past.at_s < ENDS_S - 300 * DAY_S
    assert abs(float(np.median(off[last_week])) + 0.03) < 0.02
    assert float(off[last_week].std()) < 0.08 < float(off[early].std()) < 0.4
    assert (past.price_cents % 100 == 0).all()
    assert past.price_cents.min() >= 100


def test_past_trades_what_is_looked_at_more_more_often() -> None:
    items, sizes = demo_shop()

    past = drawn()

    n_of = np.bincount(sizes.item[past.size], minlength=len(items.skus))
    old = items.released_s < ENDS_S - 400 * DAY_S
    assert np.corrcoef(items.interest[old] ** 0.7, n_of[old])[0, 1] > 0.9


def test_past_sells_the_middle_sizes_most() -> None:
    _, sizes = demo_shop()

    past = drawn()

    many = np.bincount(sizes.item)[sizes.item] > 3
    per_size = np.bincount(past.size, minlength=len(sizes))[many]
    edge = sizes.edge[many]
    assert per_size[edge < 0.25].mean() > 2 * per_size[edge > 0.9].mean()


def test_past_of_the_wanted_begins_dearer_than_it_settles() -> None:
    items, sizes = demo_shop()

    past = drawn(replace(MarketParameters(), spread=0.0, hype_spread=0.0))

    item = sizes.item[past.size]
    weeks = (past.at_s - items.released_s[item]) / (7 * DAY_S)
    settled = items.released_s[item] < ENDS_S - 200 * DAY_S
    fresh = (weeks < 4) & (items.hype[item] > 0.65) & settled
    off = np.log(past.price_cents / sizes.worth_cents[past.size])
    assert fresh.sum() > 20
    assert float(np.median(off[fresh])) > 0.1


def test_past_is_bounded_however_large_the_shop() -> None:
    past = drawn(replace(MarketParameters(), most_trades=2_000))

    assert 1_700 < len(past) < 2_200
