"""Simulated shoppers use the running shop, and what they did is in the tables, once."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.drive_shoppers_under_retrain import run
from tests.running_shop import PROJECT, RunningShop


def test_driven_shoppers_are_served_remembered_and_stored_once(shop: RunningShop) -> None:
    done = shop.manage("drive_shoppers", "--rate", "20", "--minutes", "0.17", "--url", shop.url, "--json")

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["page_views"], found["failures"]) == (204, [])
    assert found["stored"]["n_logged"] > 50
    assert found["stored"]["n_stored"] == found["stored"]["n_logged"]
    assert (found["stored"]["n_lost"], found["stored"]["n_doubled"]) == (0, 0)
    assert found["stored"]["n_impressions_stored"] == found["stored"]["n_impressions_logged"] > 1000
    assert found["personal_share_of_known"] >= 0.98
    liking = {row["row"]: row["mean_liking"] for row in found["rows"]}
    assert liking["recommended"] > liking["most-popular"] + 0.3
    assert len(Path(found["log"]).read_text().splitlines()) == found["stored"]["n_logged"]


def test_ctrl_c_ends_a_drive_with_its_figures(shop: RunningShop) -> None:
    command = [sys.executable, "manage.py", "drive_shoppers", "--rate", "20", "--minutes", "10", "--url", shop.url]
    with subprocess.Popen(
        [*command, "--json"], cwd=PROJECT, env=shop.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as drive:
        assert drive.stderr is not None
        assert b"page views" in drive.stderr.readline()
        drive.send_signal(signal.SIGINT)
        told, _ = drive.communicate(timeout=300)

    found = json.loads(told)
    assert drive.returncode == 0
    assert 0 < found["page_views"] < 1000
    assert (found["failed"], found["stored"]["n_lost"], found["stored"]["n_doubled"]) == (0, 0, 0)


@pytest.mark.soak
def test_driven_shoppers_notice_nothing_of_a_retrain(shop: RunningShop) -> None:
    outcome = run(shop, rate=50, minutes=5)

    assert outcome.faults == []
    assert outcome.drive["page_views"] == 15_000
