"""What was put, as filters see it: each item by what it was put with last, and few filters kept ready."""

import numpy as np
import pytest

from recommendations.adapters.embedded import arrived
from recommendations.adapters.embedded.arrived import Arrived
from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.filters.columns import ItemColumns
from recommendations.engine.filters.masks import Asking, ItemFilter
from recommendations.engine.filters.parsing import parse_filter
from recommendations.engine.models.newcomers import Alike

KNOWN = Metadata.build(["A", "B", "C"], numerical={"PRICE": [1.0, 2.0, 3.0]})
PUT = Metadata.build(["B", "NEW"], numerical={"PRICE": [20.0, 30.0]})


def make_filter(expression: str) -> ItemFilter:
    return ItemFilter(parse_filter(expression), ItemColumns(KNOWN.ids, KNOWN))


@pytest.fixture
def put() -> Arrived:
    return Arrived(3, ("NEW",), Alike.none(), PUT, np.array([1, 3], np.intp))


def test_items_pass_by_what_they_were_put_with_last_in_the_order_they_were_given_in(put: Arrived) -> None:
    dear = make_filter("INCLUDE ItemID WHERE Items.PRICE > 2.5")

    passing = put.passing(dear, ["NEW", "UNHEARD-OF", "C", "B", "A"], Asking())

    assert passing == ("NEW", "C", "B")
    assert put.allowed(dear, Asking()).tolist() == [False, True, True, True]


def test_filters_over_what_was_put_are_made_once_and_the_oldest_go_first(
    put: Arrived, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrived, "MOST_FILTERS", 4)
    filters = [make_filter(f"INCLUDE ItemID WHERE Items.PRICE > {number}") for number in range(6)]
    kept = []

    for item_filter in filters:
        put.allowed(item_filter, Asking())
        kept.append(list(put.filters))
    made = put.filters[filters[5].expression]
    put.allowed(filters[5], Asking())

    expressions = [item_filter.expression for item_filter in filters]
    assert kept == [expressions[max(0, number - 3) : number + 1] for number in range(6)]
    assert put.filters[filters[5].expression] is made
