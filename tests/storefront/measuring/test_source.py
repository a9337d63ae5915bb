from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from experiments import analysis, exposures
from experiments.exposures import Exposed
from experiments.sources import Sql, Wanted
from experiments.stats import Arm
from recommendations.events import store
from storefront.measuring.facts import FACTS
from storefront.measuring.metrics import METRICS
from storefront.measuring.source import ShopSource
from tests.factories.events import make_interaction, make_page, make_served_list
from tests.factories.expectations import expect_arms, expect_covariates, expect_wins
from tests.factories.histories import START, make_history, make_phase

pytestmark = pytest.mark.django_db

LATER = START + timedelta(days=30)


def fetch(sql: Sql) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql.text, sql.params)
        return list(cursor.fetchall())


def assert_equal(found: dict[str, Arm], expected: dict[str, Arm]) -> None:
    for variation, arm in expected.items():
        assert found[variation].n == arm.n
        for name in ("mean_y", "centred_yy", "mean_x", "centred_xx", "centred_xy"):
            assert getattr(found[variation], name) == pytest.approx(getattr(arm, name), rel=1e-9, abs=1e-9), name


@pytest.mark.parametrize("seed", range(10))
def test_aa_sums_through_the_tables_equal_those_computed_row_by_row(seed: int) -> None:
    phase = make_phase()
    history = make_history(phase, seed=seed)
    history.store()

    snapshot = analysis.take_snapshot(phase.pk, LATER)

    arms, covariates = expect_arms(history, METRICS, now=LATER), expect_covariates(history, METRICS, now=LATER)
    for metric in METRICS:
        expected = arms[metric.key]
        if metric.kind != "ratio":
            expected = {key: Arm(arm.n, arm.mean_y, arm.centred_yy) for key, arm in expected.items()}
        assert_equal(analysis.read_arms(snapshot, metric.key), expected)
        if metric.covariate:
            assert_equal(analysis.read_covariates(snapshot, metric.key), covariates[metric.key])


def test_facts_side_by_side_are_the_same_as_under_each_other() -> None:
    phase = make_phase()
    make_history(phase, seed=21).store()
    wanted = Wanted(phase.pk, tuple(fact.key for fact in FACTS), START - timedelta(days=60), LATER)

    tables = ShopSource().select_tables(wanted)

    told = [
        (unit, at, fact, value)
        for table in tables
        for unit, at, *values in fetch(table.sql)
        for fact, value in zip(table.facts, values, strict=True)
        if value is not None
    ]
    under_each_other = [
        (unit, at, wanted.facts[place], value) for unit, at, place, value in fetch(ShopSource().select_facts(wanted))
    ]
    assert sorted(told) == sorted(under_each_other)
    assert {"orders", "sales", "fees", "row_clicks:tested", "items_seen:others", "home_ms", "bought:recommended"} <= {
        fact for _, _, fact, _ in told
    }
    assert sorted(fact for table in tables for fact in table.facts) == sorted(wanted.facts)


def test_interleaved_clicks_are_credited_to_the_team_that_drafted_the_item() -> None:
    phase = make_phase(design="interleaving")
    history = make_history(phase, seed=31)
    history.store()

    snapshot = analysis.take_snapshot(phase.pk, LATER)

    told = snapshot.interleaving
    assert told is not None
    assert (told["wins_a"], told["wins_b"], told["ties"]) == expect_wins(history, now=LATER)
    assert told["wins_a"] > 0 < told["wins_b"]


def test_average_order_value_counts_the_largest_buyers_orders_in_full() -> None:
    phase = make_phase()
    at = START + timedelta(hours=1)
    exposures.insert([Exposed("buyer", phase.pk, "control", at)])
    bought = [
        make_interaction(
            shopper_key="buyer", event_type="purchase", event_value=1_500.0, occurred_at=at + timedelta(hours=number)
        )
        for number in range(1, 4)
    ]
    store.store(bought)

    snapshot = analysis.rebuild(phase.pk, START + timedelta(days=1))

    paid = analysis.read_arms(snapshot, "average_order_value")["control"]
    assert (paid.mean_y, paid.mean_x) == (4_500.0, 3.0)
    assert [metric.key for metric in METRICS if metric.kind == "ratio" and metric.cap is not None] == []


def test_return_counts_when_it_comes_whenever_the_purchase_was() -> None:
    phase = make_phase()
    at, day = START + timedelta(hours=1), timedelta(days=1)
    deeds = (
        ("gave-back-what-came-before", "purchase", -day),
        ("gave-back-what-came-before", "return", day),
        ("changed-their-mind", "purchase", day),
        ("changed-their-mind", "return", 2 * day),
        ("kept-it", "purchase", day),
        ("gives-back-later", "purchase", day),
        ("gives-back-later", "return", 14 * day),
    )
    units = sorted({unit for unit, *_ in deeds})
    exposures.insert([Exposed(unit, phase.pk, "control", at) for unit in units])
    store.store(
        [
            make_interaction(shopper_key=unit, event_type=event_type, event_value=100.0, occurred_at=at + after)
            for unit, event_type, after in deeds
        ]
    )

    snapshot = analysis.rebuild(phase.pk, at + 20 * day)

    found = {key: analysis.read_arms(snapshot, key)["control"] for key in ("orders_per_shopper", "gmv_per_shopper")}
    # -1 for what came before, 0, 1, and 1 for what came back past the fortnight.
    assert found["orders_per_shopper"].mean_y == pytest.approx((-1 + 0 + 1 + 1) / 4)
    assert found["gmv_per_shopper"].mean_y == pytest.approx(100.0 / 4)
    assert analysis.read_arms(snapshot, "conversion")["control"].mean_y == pytest.approx(2 / 4)


def test_click_on_a_list_of_the_api_has_its_view_and_no_page() -> None:
    phase = make_phase()
    at = START + timedelta(hours=1)
    exposures.insert([Exposed("client", phase.pk, "control", at)])
    after = {"shopper_key": "client", "served_at": at + timedelta(minutes=1)}
    listed = make_served_list(**after, row="trending", phase_id=phase.pk, variation="control")
    click = make_interaction(
        shopper_key="client",
        event_type="row_click",
        item_id=listed.item_ids[0],
        recommendation_id=listed.recommendation_id,
        occurred_at=at + timedelta(minutes=2),
    )
    store.store([listed, click, *(make_page(**after, page="api", status=status) for status in (200, 200, 503))])

    snapshot = analysis.rebuild(phase.pk, START + timedelta(days=1))

    found = {
        key: analysis.read_arms(snapshot, key)["control"] for key in ("homepage_ctr", "page_errors", "page_latency")
    }
    assert (found["homepage_ctr"].mean_y, found["homepage_ctr"].mean_x) == (1.0, 2.0)
    assert {(found[key].mean_y, found[key].mean_x) for key in ("page_errors", "page_latency")} == {(0.0, 0.0)}
