import numpy as np

from storefront.simulation.market.books import Standing, below_asks, draw_bids
from storefront.simulation.market.parameters import MarketParameters
from storefront.simulation.market.sizes import build_sizes, cheapest
from storefront.simulation.visits import DAY_S
from tests.storefront.simulation.market.shops import ENDS_S, demo_shop


def drawn(seed: int = 1) -> Standing:
    items, sizes = demo_shop()
    return draw_bids(MarketParameters(), items, sizes, 500, ENDS_S, np.random.default_rng(seed))


def test_bids_lie_below_every_ask_of_their_size() -> None:
    _, sizes = demo_shop()

    bids = drawn()

    asks = sizes.lowest_ask_cents[bids.size]
    assert len(bids) > 3_000
    assert (bids.price_cents[~np.isnan(asks)] < asks[~np.isnan(asks)]).all()
    assert bids.price_cents.min() >= 100


def test_bids_stand_now_and_run_out_within_a_month() -> None:
    items, sizes = demo_shop()

    bids = drawn()

    assert (bids.placed_s <= ENDS_S).all()
    assert (bids.placed_s >= items.released_s[sizes.item[bids.size]]).all()
    assert (bids.expires_s > ENDS_S).all()
    assert (bids.expires_s <= ENDS_S + 30 * DAY_S).all()


def test_bids_gather_where_interest_is() -> None:
    items, sizes = demo_shop()

    bids = drawn()

    n_of = np.bincount(sizes.item[bids.size], minlength=len(items.skus)) / np.bincount(sizes.item)
    loved = items.interest > np.quantile(items.interest, 0.8)
    assert n_of[loved].mean() > 2 * n_of[items.interest < np.quantile(items.interest, 0.2)].mean()


def test_bids_the_same_for_the_same_seed() -> None:
    one, same, other = drawn(), drawn(), drawn(seed=2)

    assert np.array_equal(one.price_cents, same.price_cents)
    assert len(one) != len(other) or not np.array_equal(one.price_cents, other.price_cents)


def test_below_asks_lowers_bids_and_drops_what_nothing_is_left_of() -> None:
    sizes = build_sizes(
        np.array([1, 2]), np.array([0, 0], np.intp), np.array([100.0, 5_000.0]), np.array([9_000.0, 9_000.0])
    )
    none = np.zeros(3)
    crossing = Standing(np.array([0, 1, 1]), np.arange(3), np.array([200, 6_000, 4_000]), none, none)

    lowered = below_asks(crossing, sizes)

    assert lowered.price_cents.tolist() == [4_900, 4_000]


def test_sizes_without_asks_are_worth_what_their_item_asks_elsewhere() -> None:
    sizes = build_sizes(
        np.array([1, 2, 3, 4]),
        np.array([0, 0, 0, 1], np.intp),
        np.array([1_000.0, np.nan, 3_000.0, np.nan]),
        np.array([700.0, 700.0, 700.0, 900.0]),
    )

    assert sizes.worth_cents.tolist() == [1_000, 2_000, 3_000, 900]
    assert sizes.edge.tolist() == [1, 0, 1, 0]
    assert cheapest(sizes, 2).tolist() == [0, -1]
