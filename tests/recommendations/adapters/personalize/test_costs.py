from dataclasses import replace

import pytest

from recommendations.adapters.personalize.costs import (
    HOURS_A_MONTH,
    KNOWN_TRAININGS,
    Plan,
    Prices,
    billed_tps,
    estimate_month,
    import_usd,
    tps_usd,
    training_hours,
    training_usd,
)
from recommendations.exceptions import InvalidInput

PLAN = Plan("aws-user-personalization", n_interactions=100_000, n_bytes=500_000_000)


@pytest.mark.parametrize(("n_interactions", "hours"), KNOWN_TRAININGS)
def test_training_hours_meet_the_bills_that_are_known(n_interactions: int, hours: float) -> None:
    estimated = training_hours(n_interactions)

    assert estimated == pytest.approx(hours, rel=0.01)


def test_training_hours_grow_slower_than_the_interactions() -> None:
    ratio = training_hours(10_000_000) / training_hours(1_000_000)

    assert 2 < ratio < 10


def test_training_hours_are_one_at_least() -> None:
    assert training_hours(0) == 1.0


def test_training_of_a_v2_recipe_is_priced_by_its_interactions() -> None:
    prices = Prices(v2_million_interactions=3.0)

    usd = training_usd(2_000_000, "aws-user-personalization-v2", prices)

    assert usd == pytest.approx(6.0)


def test_import_is_priced_by_the_gigabyte() -> None:
    assert import_usd(2_000_000_000, Prices(gb=0.5)) == pytest.approx(1.0)


def test_idle_campaign_costs_what_people_complain_about() -> None:
    # 0.20 dollars a TPS-hour make 144 a month of 720 hours for a campaign that nobody asks.
    month = tps_usd("aws-hrnn") * billed_tps(0.0) * 720

    assert month == pytest.approx(144.0)


@pytest.mark.parametrize(
    ("mean", "peak_ratio", "billed"),
    [
        (0.2, 1.0, 1.0),
        (5.0, 1.0, 5.0),
        (5.0, 1.5, 5.0),
    ],
)
def test_billed_tps_are_the_traffic_but_never_below_the_least(mean: float, peak_ratio: float, billed: float) -> None:
    assert billed_tps(mean, peak_ratio=peak_ratio) == pytest.approx(billed)


def test_billed_tps_of_quiet_nights_exceed_the_mean() -> None:
    # At night the least is billed, by day the traffic.
    assert billed_tps(1.0, peak_ratio=2.0) > 1.2


@pytest.mark.parametrize(("mean", "peak_ratio", "min_tps"), [(-1.0, 1.0, 1.0), (1.0, 2.1, 1.0), (1.0, 1.0, 0.0)])
def test_billed_tps_refuse_numbers_out_of_range(mean: float, peak_ratio: float, min_tps: float) -> None:
    with pytest.raises(InvalidInput):
        billed_tps(mean, peak_ratio=peak_ratio, min_tps=min_tps)


def test_month_adds_up_its_lines() -> None:
    plan = replace(PLAN, n_retrains=10, overlap_h=2, n_events=4_000_000)

    estimate = estimate_month(plan)

    usd = {line.what: line.usd for line in estimate.lines}
    assert usd == pytest.approx(
        {
            "imports": 0.25,
            "events": 0.05,
            "trainings": 10 * 2.1 * 0.24,
            "the live campaign": HOURS_A_MONTH * 0.2,
            "the side beside it": 10 * 2 * 0.2,
        }
    )
    assert estimate.usd == pytest.approx(sum(usd.values()))


def test_month_without_retrains_costs_the_live_campaign_alone() -> None:
    estimate = estimate_month(replace(PLAN, n_retrains=0))

    assert estimate.usd == pytest.approx(HOURS_A_MONTH * 0.2)


def test_month_refuses_a_number_below_zero_by_name() -> None:
    with pytest.raises(InvalidInput, match="n_interactions == -1"):
        estimate_month(replace(PLAN, n_interactions=-1))


def test_prices_refuse_unknown_names_and_name_those_there_are() -> None:
    with pytest.raises(InvalidInput, match=r"'lunch' is unknown; use one of: gb, training_hour"):
        Prices.parse({"lunch": 1.0})


def test_prices_refuse_amounts_below_zero() -> None:
    with pytest.raises(InvalidInput, match="price gb == -1"):
        Prices.parse({"gb": -1.0})


def test_prices_keep_what_is_not_given() -> None:
    prices = Prices.parse({"gb": 0.1})

    assert (prices.gb, prices.tps_hour) == (0.1, Prices().tps_hour)
