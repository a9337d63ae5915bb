from collections import Counter
from datetime import timedelta
from typing import TypeVar

import numpy as np
import pytest

from experiments.assignment import Assignment, Reason
from recommendations.events.schema import Impression, PageServed, ServedList
from recommendations.events.wire import check_record
from recommendations.ports import Interaction
from storefront.simulation.experiments.behaviour import CARDS_IN_VIEW, behave
from storefront.simulation.experiments.parameters import TrialParameters
from storefront.simulation.experiments.records import CARDS_A_ROW, Storefronts, records_of
from storefront.simulation.experiments.traffic import draw_traffic
from tests.storefront.simulation.shelves import ENDS_S, demo_shelf

Kind = TypeVar("Kind")
ROWS = {"control": "also-popular", "treatment": "trending"}
FEW = TrialParameters(n_shoppers=400, page_error_share=0.05, purchase_share=0.3)


def assigned(variation: str) -> Assignment:
    return Assignment("x", 1, variation, {}, Reason.IN_PHASE, is_control=variation == "control", phase_id=7)


@pytest.fixture(scope="module")
def records() -> list[object]:
    traffic, shelf = draw_traffic(FEW, starts_s=ENDS_S), demo_shelf()
    behaviour = behave(FEW, traffic, np.zeros(len(traffic), np.bool_))
    rows = Storefronts.of(shelf, ROWS, at_s=ENDS_S, seed=1)
    views = range(len(traffic))
    return list(records_of(traffic, behaviour, views, [assigned("control")] * len(traffic), rows, shelf))


def of(records: list[object], kind: type[Kind]) -> list[Kind]:
    return [record for record in records if isinstance(record, kind)]


def test_rows_hold_what_was_on_the_shelf_and_nothing_twice() -> None:
    shelf = demo_shelf()

    rows = Storefronts.of(shelf, ROWS, at_s=ENDS_S, seed=1)

    items = [*rows.first, *(item for _, second in rows.second.values() for item in second)]
    assert len(items) == len(set(items)) == 3 * CARDS_A_ROW
    assert (shelf.released_s[items] <= ENDS_S).all()
    assert shelf.hype[list(rows.first)].min() >= shelf.hype[items].max() - 3
    assert {variation: row for variation, (row, _) in rows.second.items()} == ROWS


def test_second_rows_are_worth_the_same_at_each_place() -> None:
    shelf = demo_shelf()

    rows = Storefronts.of(shelf, ROWS, at_s=ENDS_S, seed=1)

    control, treatment = (shelf.price_cents[list(items)] for _, items in rows.second.values())
    assert control.mean() == pytest.approx(treatment.mean(), rel=0.05)
    assert np.corrcoef(control, treatment)[0, 1] > 0.95


def test_rows_need_enough_products() -> None:
    with pytest.raises(ValueError, match="seed more"):
        Storefronts.of(demo_shelf(), ROWS, at_s=0.0, seed=1)


def test_every_record_is_one_that_the_stream_would_take(records: list[object]) -> None:
    for record in records[:2_000]:
        check_record(record)  # type: ignore[arg-type]

    identifiers = [
        getattr(record, name)
        for kind, name in ((PageServed, "page_view_id"), (ServedList, "recommendation_id"), (Interaction, "event_id"))
        for record in of(records, kind)
    ]
    assert len(identifiers) == len(set(identifiers))


def test_only_the_experiments_own_row_carries_its_phase(records: list[object]) -> None:
    phases = {(one.row, one.phase_id, one.variation) for one in of(records, ServedList)}

    assert phases == {("most-popular", None, ""), ("also-popular", 7, "control")}


def test_a_failed_page_shows_and_leads_to_nothing(records: list[object]) -> None:
    failed = {page.page_view_id for page in of(records, PageServed) if page.status == 500}

    lists = of(records, ServedList)
    assert failed
    assert not failed & {one.page_view_id for one in lists}
    assert len(lists) == 2 * (len(of(records, PageServed)) - len(failed))
    assert len(of(records, Impression)) == CARDS_IN_VIEW * len(lists)


def test_a_click_is_a_look_at_an_item_of_its_list_and_may_be_a_purchase(records: list[object]) -> None:
    lists = {one.recommendation_id: one for one in of(records, ServedList)}
    deeds = of(records, Interaction)

    clicks = [deed for deed in deeds if deed.event_type == "row_click"]
    counts = Counter(deed.event_type for deed in deeds)
    assert counts["row_click"] == counts["product_view"] > counts["purchase"] > 0
    for click in clicks:
        assert click.recommendation_id is not None
        served = lists[click.recommendation_id]
        assert click.item_id in served.item_ids
        assert timedelta() < click.occurred_at - served.served_at < timedelta(minutes=1)
    assert all((deed.event_value or 0) > 0 for deed in deeds if deed.event_type == "purchase")
