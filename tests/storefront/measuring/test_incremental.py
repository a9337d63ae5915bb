import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from experiments import analysis, exposures, links
from experiments.models import Metric, Progress, Snapshot, UnitTotals
from experiments.stats import Arm
from recommendations.events import store
from storefront.measuring.metrics import METRICS
from tests.factories.expectations import expect_arms, expect_covariates
from tests.factories.histories import DAYS, START, History, make_history, make_phase, time_of

pytestmark = pytest.mark.django_db

LATER = START + timedelta(days=30)
MOMENTS = ("mean_y", "centred_yy", "mean_x", "centred_xx", "centred_xy")


def assert_same(one: Snapshot, other: Snapshot) -> None:
    assert (one.n_units, one.n_crossover, one.n_forced, one.n_merged) == (
        other.n_units,
        other.n_crossover,
        other.n_forced,
        other.n_merged,
    )
    for read in (analysis.read_arms, analysis.read_covariates, analysis.read_triggered):
        for metric in METRICS:
            assert_close(read(one, metric.key), read(other, metric.key))


def assert_close(found: dict[str, Arm], expected: dict[str, Arm]) -> None:
    assert found.keys() == expected.keys()
    for variation, arm in expected.items():
        assert found[variation].n == arm.n
        for name in MOMENTS:
            assert getattr(found[variation], name) == pytest.approx(getattr(arm, name), rel=1e-9, abs=1e-9)


def shuffle_in(history: History, rng: random.Random, until: datetime) -> None:
    """Store what had happened by then in an order of its own; what is stored already stays as it is."""
    records = [record for record in history.records if time_of(record) < until]
    rng.shuffle(records)
    store.store(records)
    exposures.insert([one for one in history.exposed if one.at < until])


@pytest.mark.parametrize("seed", range(5))
def test_incremental_looks_end_in_the_sums_of_a_full_one(seed: int, complete_until: Callable[..., None]) -> None:
    phase, rng = make_phase(), random.Random(seed)
    history = make_history(phase, seed=100 + seed, n_units=40)
    now = START
    while now < START + timedelta(days=DAYS + 12):
        now += timedelta(hours=rng.choice((3, 20, 60)))
        shuffle_in(history, rng, now)
        complete_until(now)
        analysis.take_snapshot(phase.pk, now)
    shuffle_in(history, rng, LATER)
    complete_until(LATER)

    incremental = analysis.take_snapshot(phase.pk, LATER)

    full = analysis.rebuild(phase.pk, LATER + timedelta(seconds=1))
    assert_same(incremental, full)
    expected = expect_covariates(history, METRICS, now=LATER)["revenue_per_shopper"]
    assert_close(analysis.read_covariates(incremental, "revenue_per_shopper"), expected)


@pytest.mark.parametrize("lag", [timedelta(minutes=40), timedelta(hours=9)])
def test_event_that_comes_late_counts_once(lag: timedelta, complete_until: Callable[..., None]) -> None:
    phase = make_phase()
    history = make_history(phase, seed=7, n_units=40)
    stored = START
    while stored < START + timedelta(days=DAYS + 12):
        now = stored + timedelta(hours=10)
        # Whatever happened in the last hours is still in the stream, exposures too.
        history.store(since=stored - lag, until=now - lag)
        complete_until(now - lag)
        analysis.take_snapshot(phase.pk, now)
        stored = now
    history.store()
    complete_until(LATER)

    snapshot = analysis.take_snapshot(phase.pk, LATER)

    expected = expect_arms(history, METRICS, now=LATER)
    for metric in ("homepage_ctr", "row_two_ctr", "average_order_value"):
        assert_close(analysis.read_arms(snapshot, metric), expected[metric])


def test_nothing_settles_while_nobody_knows_how_far_the_facts_are(complete_until: Callable[..., None]) -> None:
    phase = make_phase()
    history = make_history(phase, seed=8, n_units=20)
    complete_until(None)
    history.store(until=START + timedelta(days=3))
    analysis.take_snapshot(phase.pk, START + timedelta(days=3))
    history.store()

    snapshot = analysis.take_snapshot(phase.pk, LATER)

    assert Progress.objects.get(phase=phase).settled_until == phase.started_at
    assert_close(analysis.read_arms(snapshot, "homepage_ctr"), expect_arms(history, METRICS, now=LATER)["homepage_ctr"])


@pytest.mark.parametrize("most_named", [0, 1_000])
def test_sums_do_not_depend_on_how_units_with_recent_facts_are_left_out(
    most_named: int, complete_until: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    phase = make_phase()
    history = make_history(phase, seed=12, n_units=40)
    history.store()
    # Half is settled and half is recent, so that units of both kinds are added up.
    complete_until(START + timedelta(days=DAYS / 2))
    monkeypatch.setattr("experiments.sums.MOST_NAMED", most_named)

    snapshot = analysis.take_snapshot(phase.pk, LATER)

    expected = expect_arms(history, METRICS, now=LATER)
    for metric in ("homepage_ctr", "row_two_ctr", "page_latency"):
        assert_close(analysis.read_arms(snapshot, metric), expected[metric])


def test_linked_units_are_one_on_both_roads(complete_until: Callable[..., None]) -> None:
    phase = make_phase()
    history = make_history(phase, seed=9, n_units=40)
    linked_at = START + timedelta(days=4)
    history.store(until=linked_at)
    complete_until(linked_at)
    analysis.take_snapshot(phase.pk, linked_at)
    pairs = {f"u0009-{number:06}": f"u0009-{number + 1:06}" for number in range(0, 20, 2)}
    pairs |= {f"u0009-{number:06}": f"account-{number}" for number in range(20, 24)}
    for device, account in pairs.items():
        links.link_units(from_unit=device, to_unit=account, at=linked_at)
    history.store()
    complete_until(LATER)

    incremental = analysis.take_snapshot(phase.pk, LATER)

    assert_same(incremental, analysis.rebuild(phase.pk, LATER + timedelta(seconds=1)))
    expected = expect_arms(history, METRICS, now=LATER, links=pairs)
    for metric in ("homepage_ctr", "row_two_ctr"):
        assert_close(analysis.read_arms(incremental, metric), expected[metric])
    assert incremental.n_merged == len(pairs)
    assert not UnitTotals.objects.filter(unit__in=pairs).exists()


def test_erased_unit_leaves_every_sum(complete_until: Callable[..., None]) -> None:
    phase = make_phase()
    history = make_history(phase, seed=10, n_units=30)
    history.store()
    complete_until(LATER)
    before = analysis.take_snapshot(phase.pk, LATER)
    gone = next(one.unit for one in history.exposed if not one.is_forced)

    n_erased = exposures.forget([gone])

    after = analysis.take_snapshot(phase.pk, LATER + timedelta(minutes=1))
    left = History(history.phase_id, history.records, [one for one in history.exposed if one.unit != gone])
    assert n_erased >= 1
    assert before.total_units - after.total_units <= 1
    expected = expect_arms(left, METRICS, now=LATER)["homepage_ctr"]
    assert_close(analysis.read_arms(after, "homepage_ctr"), expected)


def test_metric_made_in_the_admin_is_summed_from_the_start(complete_until: Callable[..., None]) -> None:
    phase = make_phase()
    history = make_history(phase, seed=11, n_units=30)
    history.store()
    complete_until(LATER)
    analysis.take_snapshot(phase.pk, LATER)
    Metric.objects.create(
        key="views-per-order",
        name="Views",
        kind="ratio",
        numerator="events:product_view",
        denominator="events:purchase",
    )

    snapshot = analysis.take_snapshot(phase.pk, LATER + timedelta(minutes=1))

    views = sum(arm.n * arm.mean_y for arm in analysis.read_arms(snapshot, "views-per-order").values())
    told = sum(arm.n * arm.mean_y for arm in analysis.read_arms(snapshot, "item_views_per_shopper").values())
    assert told > 0
    assert views == pytest.approx(told)
