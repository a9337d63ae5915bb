from dataclasses import replace

import numpy as np

from storefront.simulation.clickstream import simulate
from storefront.simulation.deeds import BID, PURCHASE, VIEW
from storefront.simulation.parameters import Parameters
from tests.storefront.simulation.shelves import ENDS_S, demo_shelf
from tests.storefront.simulation.streams import PARAMETERS, small

DAY_MS = 86_400_000


def awaited_items() -> list[int]:
    """Awaited products that were released inside the simulated days and not on the last one."""
    shelf = demo_shelf()
    days_ago = (ENDS_S - shelf.released_s) / 86_400
    items: list[int] = np.flatnonzero(shelf.is_awaited & (days_ago < 89) & (days_ago > 1)).tolist()
    return items


def test_a_drop_is_looked_at_most_in_the_hours_after_it_opens() -> None:
    stream, shelf = small(), demo_shelf()
    assert awaited_items()

    for item in awaited_items():
        views = np.sort(stream.at_ms[(stream.item == item) & (stream.code == VIEW) & ~stream.is_bot])
        busiest = max(np.searchsorted(views, views + 3 * 3_600_000) - np.arange(len(views)))

        assert views[0] >= 1000 * shelf.released_s[item]
        assert busiest > 0.5 * np.count_nonzero(views < views[0] + 7 * DAY_MS)


def test_a_drops_rush_bids_and_buys_more_often_than_others_do() -> None:
    stream = small()
    in_rush = np.isin(stream.item, awaited_items())

    def share(code: int, rows: np.ndarray) -> float:
        return float(np.count_nonzero(stream.code[rows] == code) / np.count_nonzero(stream.code[rows] == VIEW))

    for code in (BID, PURCHASE):
        assert share(code, in_rush) > 2 * share(code, ~in_rush & ~stream.is_bot)


def test_a_shelf_without_drops_has_no_rush() -> None:
    shelf = replace(demo_shelf(), is_awaited=np.zeros(demo_shelf().n_items, np.bool_))

    calm = simulate(Parameters(500), shelf, ends_s=ENDS_S)

    assert len(calm) < len(small())
    assert np.array_equal(np.unique(calm.shopper), np.unique(simulate(PARAMETERS, shelf, ends_s=ENDS_S).shopper))
