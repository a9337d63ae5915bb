from uuid import UUID

import numpy as np
import pytest

from recommendations.events.ids import time_of
from recommendations.events.schema import EVENT_TYPES as SHOP_EVENT_TYPES
from storefront.simulation.clickstream import simulate
from storefront.simulation.deeds import ASK, BID, EVENT_TYPES, PURCHASE, RETURN, VIEW, WATCH
from storefront.simulation.parameters import Parameters
from tests.storefront.simulation.shelves import ENDS_S, demo_shelf
from tests.storefront.simulation.streams import PARAMETERS, small


def test_simulate_is_decided_by_its_seed() -> None:
    stream = small()

    again = simulate(PARAMETERS, demo_shelf(), ends_s=ENDS_S)
    other = simulate(Parameters(500, seed=2), demo_shelf(), ends_s=ENDS_S)

    assert again.event_id == stream.event_id
    assert np.array_equal(again.item, stream.item)
    assert other.event_id != stream.event_id


def test_simulate_writes_as_many_interactions_as_a_small_world_wants() -> None:
    stream = small()

    n_people = len(np.unique(stream.shopper[~stream.is_bot]))

    assert 40_000 <= (~stream.is_bot).sum() <= 65_000
    assert n_people > 490


def test_simulate_writes_every_event_type_of_the_shop_in_the_order_of_the_funnel() -> None:
    stream = small()

    counts = stream.counts()

    assert set(counts) == set(SHOP_EVENT_TYPES) == set(EVENT_TYPES)
    assert min(counts.values()) > 0
    assert counts["product_view"] > 10 * counts["watch"]
    assert counts["watch"] > counts["bid"] > counts["purchase"] > counts["return"]


def test_simulate_repeats_about_a_third_of_the_views() -> None:
    stream = small()

    share = stream.repeat_share

    assert 0.25 <= share <= 0.45


@pytest.mark.parametrize("code", [BID, ASK])
def test_simulate_names_bids_and_asks_in_whole_prices_as_people_do(code: int) -> None:
    stream = small()

    named = stream.value_cents[stream.code == code]

    assert len(named) > 100
    assert (named >= 100).all()
    assert (named % 100 == 0).all()


def test_simulate_stays_inside_its_window_and_sorted() -> None:
    stream = small()

    first_s, last_s = stream.at_ms[0] / 1000, stream.at_ms[-1] / 1000

    assert (np.diff(stream.at_ms) >= 0).all()
    assert ENDS_S - 90 * 86_400 <= first_s < ENDS_S - 88 * 86_400
    assert ENDS_S - 86_400 < last_s < ENDS_S


def test_simulate_shows_nothing_before_its_release() -> None:
    stream, shelf = small(), demo_shelf()

    views = stream.code == VIEW

    assert (shelf.released_s[stream.item[views]] <= stream.at_ms[views] / 1000).all()


def test_simulate_gives_every_interaction_an_id_of_its_own_time() -> None:
    stream = small()

    identifiers = [UUID(event_id) for event_id in stream.event_id]

    assert len(set(identifiers)) == len(stream)
    assert {identifier.version for identifier in identifiers} == {7}
    assert [round(time_of(identifier).timestamp() * 1000) for identifier in identifiers] == stream.at_ms.tolist()


def test_simulate_keeps_a_session_in_its_theme() -> None:
    stream, shelf = small(), demo_shelf()
    views = np.flatnonzero(stream.code == VIEW)
    order = views[np.lexsort((stream.at_ms[views], stream.session[views]))]

    order = order[~stream.is_bot[order]]
    same_session = np.diff(stream.session[order]) == 0
    same_theme = np.diff(shelf.theme[stream.item[order]]) == 0

    assert same_theme[same_session].mean() > 0.8
    assert same_theme[~same_session].mean() < 0.4


def test_purchases_and_watches_follow_a_view_and_happen_once() -> None:
    stream = small()
    first_view: dict[tuple[int, int], int] = {}
    for shopper, item, code, at_ms in zip(stream.shopper, stream.item, stream.code, stream.at_ms, strict=True):
        if code == VIEW:
            first_view.setdefault((shopper, item), at_ms)

    for code in (WATCH, PURCHASE):
        rows = np.flatnonzero(stream.code == code)
        pairs = list(zip(stream.shopper[rows], stream.item[rows], strict=True))

        assert all(first_view[pair] <= at_ms for pair, at_ms in zip(pairs, stream.at_ms[rows], strict=True))
        assert len(set(pairs)) == len(pairs)


def test_returns_follow_the_purchase_by_days() -> None:
    stream = small()
    bought = {
        (shopper, item): at_ms
        for shopper, item, code, at_ms in zip(stream.shopper, stream.item, stream.code, stream.at_ms, strict=True)
        if code == PURCHASE
    }

    rows = np.flatnonzero(stream.code == RETURN)
    days = [(stream.at_ms[row] - bought[stream.shopper[row], stream.item[row]]) / 86_400_000 for row in rows]

    assert all(3 <= day <= 21 for day in days)


def test_interactions_with_money_carry_their_price() -> None:
    stream = small()

    has_value = np.isfinite(stream.value_cents)
    wants_value = np.isin(stream.code, [EVENT_TYPES.index(name) for name in ("bid", "ask", "purchase", "return")])

    assert np.array_equal(has_value, wants_value)
    assert (stream.value_cents[has_value] > 0).all()


def test_simulate_refuses_a_shelf_that_opens_after_the_window_starts() -> None:
    shelf = demo_shelf()

    with pytest.raises(ValueError, match="released before the simulation starts"):
        simulate(PARAMETERS, shelf, ends_s=float(shelf.theme_opens_s.min()))
