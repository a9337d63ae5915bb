"""Shoppers come through HTTP while something is planted, or nothing: controller and results find just that."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.plan import FaultPlan
from tests.flows.experiment_loops import Loop, driven
from tests.running_shop import RunningShop

pytestmark = pytest.mark.soak

RATE = float(os.environ.get("SOAK_RATE", "30"))
# How long shoppers come for a result. Thirty page views a second make some nine thousand homepages, of which a quarter
# is clicked: a true +20% then stands five standard errors from nothing, and is found in 99 of 100 loops.
MINUTES = float(os.environ.get("SOAK_LOOP_MINUTES", "10"))
# A tick comes every minute; the last events are stored, and the result frozen, two later.
AFTERWARDS_S = 300.0
# Stricter than usual: a loop that is right 19 times of 20 would fail once in 20 runs.
ALPHA = 0.02
PLANTED = 0.2


@pytest.fixture(scope="module")
def faulty_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    folder = tmp_path_factory.mktemp("loops")
    with RunningShop(folder, DJANGO_SETTINGS_MODULE="tests.faults.settings") as running:
        yield running


@pytest.fixture(autouse=True)
def no_faults(faulty_shop: RunningShop) -> Iterator[None]:
    plant(faulty_shop, FaultPlan())
    yield
    plant(faulty_shop, FaultPlan())


def plant(shop: RunningShop, faults: FaultPlan) -> None:
    faults.write(Path(shop.environment["VAR_DIR"]) / shop.environment["WORLD"])


def test_aa_says_no_difference_and_no_mismatch(faulty_shop: RunningShop) -> None:
    loop = Loop("aa-loop", MINUTES, fields={"design": "aa", "alpha": ALPHA})
    loop.start(faulty_shop)

    with driven(faulty_shop, rate=RATE, minutes=MINUTES):
        loop.wait_for(faulty_shop, "completed", within_s=60 * MINUTES + AFTERWARDS_S)

    report = loop.read_report(faulty_shop)
    assert report["decision"]["outcome"] == "no difference", (report["decision"], report["metrics"])
    assert not report["sample_ratio"]["is_mismatch"]
    assert report["n_units"] > 400


def test_planted_rise_of_page_ctr_ships_and_its_interval_covers_it(faulty_shop: RunningShop) -> None:
    # The latency of a busy machine is not what this loop is about.
    loop = Loop("ctr-loop", MINUTES, fields={"alpha": ALPHA, "guardrails": [{"metric": "page_latency", "margin": 0.5}]})
    loop.start(faulty_shop)

    with driven(faulty_shop, "--plant", f"page_ctr={PLANTED}", rate=RATE, minutes=MINUTES):
        loop.wait_for(faulty_shop, "completed", within_s=60 * MINUTES + AFTERWARDS_S)

    report = loop.read_report(faulty_shop)
    primary = next(metric for metric in report["metrics"] if metric["key"] == "homepage_ctr")
    found = primary["comparisons"][0]["shift"]["relative_interval"]
    assert report["decision"]["outcome"] == "ship", (report["decision"], report["metrics"])
    assert found["low"] < PLANTED < found["high"], found


def test_rising_row_errors_are_rolled_back_before_the_next_step(faulty_shop: RunningShop) -> None:
    # Only whoever has a history is shown a campaign's list, which alone can fail; only such lists are judged.
    loop = Loop(
        "row-loop",
        30.0,
        treated_bp=9_000,
        fields={
            "steps": [
                {"seen_bp": 8_000, "hours": 0.25, "min_units": 0},
                {"seen_bp": 9_000, "hours": 1.0, "min_units": 0},
            ],
        },
    )
    plant(faulty_shop, FaultPlan(row_error_share=0.01))
    loop.start(faulty_shop)

    with driven(faulty_shop, rate=RATE, minutes=15.0):
        time.sleep(100.0)
        before = loop.read_state(faulty_shop)
        plant(faulty_shop, FaultPlan(row_error_share=0.03))
        after = loop.wait_for(faulty_shop, "rolled_back", within_s=700.0)

    assert before["status"] == "running", before
    assert (after["code"], after["actions"]) == ("row_errors", ["start", "roll_back"])


def test_slower_pages_are_rolled_back_before_the_next_step(faulty_shop: RunningShop) -> None:
    loop = Loop(
        "latency-loop",
        30.0,
        fields={
            "steps": [
                {"seen_bp": 4_000, "hours": 0.25, "min_units": 0},
                {"seen_bp": 5_000, "hours": 1.0, "min_units": 0},
            ],
        },
    )
    # A page that takes its time anyway, so that a busy machine's moods weigh little.
    plant(faulty_shop, FaultPlan(page_s=0.15))
    loop.start(faulty_shop)

    with driven(faulty_shop, rate=RATE / 2, minutes=15.0):
        time.sleep(75.0)
        before = loop.read_state(faulty_shop)
        plant(faulty_shop, FaultPlan(page_s=0.15, treated_page_share=0.3))
        after = loop.wait_for(faulty_shop, "rolled_back", within_s=700.0)

    assert before["status"] == "running", before
    assert (after["code"], after["actions"]) == ("guardrail", ["start", "roll_back"])
    assert "latency" in after["reason"].lower()
