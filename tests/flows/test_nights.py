"""Nights come by themselves in a running shop: real beat, worker, trainer and consumers, and a clock that is moved."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from typing import Any

import psycopg
import pytest

from tests.flows.killing import MARKS, PID_FILES, KillableShop
from tests.running_shop import PROJECT, RunningShop

WITHIN_S = 240.0
# The nights of one rotation are told apart from those of all others by there being no others.
ALONE = "from recommendations.models import Rotation; Rotation.objects.exclude(key='home').update(is_active=False)"
RUNS = "SELECT id, colour, status, night_at FROM recommendations_retrainrun WHERE rotation_id = 'home' ORDER BY id"
ASKED = "SELECT count(*) FROM recommendations_retrainaction WHERE kind = 'request'"
REQUEST = """
from recommendations.pipeline.control import request_retrain
from recommendations.tasks import advance_soon
print(request_retrain("home", actor="admin", reason="a click").pk)
advance_soon()
"""


@pytest.fixture(scope="module")
def night_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KillableShop]:
    var_dir = tmp_path_factory.mktemp("nights")
    hurry = {"RETRAIN_TICK_S": "1", "LEASE_S": "10", "WATERMARK_SLACK_S": "0.5"}
    with RunningShop(var_dir, **hurry) as shop:
        shop.python(ALONE)
        yield KillableShop(shop, var_dir / "demo")


def wait_until(is_so: Callable[[], bool], shop: KillableShop, within_s: float = WITHIN_S) -> None:
    deadline_s = time.monotonic() + within_s
    while True:
        try:
            if is_so():
                return
        except psycopg.OperationalError:
            pass
        assert time.monotonic() < deadline_s, f"{shop.query(RUNS)}\n{shop.shop.log[-3000:]}"
        time.sleep(0.1)


def succeeded(shop: KillableShop) -> list[tuple[Any, ...]]:
    return [run for run in shop.query(RUNS) if run[2] == "succeeded"]


def next_night(shop: KillableShop) -> None:
    clock = shop.clock
    clock.set(clock.now() + timedelta(days=1))


def test_three_nights_retrain_swap_and_tear_down_without_a_hand(night_shop: KillableShop) -> None:
    before = len(succeeded(night_shop))

    for night in range(3):
        next_night(night_shop)
        wait_until(lambda n=before + night + 1: len(succeeded(night_shop)) == n, night_shop)  # type: ignore[misc]
        night_shop.assert_sound()

    runs = night_shop.query(RUNS)
    nights = [run[3] for run in runs if run[3] is not None]
    assert [run[1] for run in runs] == ["maize", "blue", "maize", "blue"]
    assert [later - earlier for earlier, later in pairwise(nights)] == [timedelta(days=1)] * 2
    swaps = "SELECT from_colour, to_colour FROM recommendations_swap WHERE rotation_id = 'home' ORDER BY id"
    assert night_shop.query(swaps) == [
        ("", "maize"),
        ("maize", "blue"),
        ("blue", "maize"),
        ("maize", "blue"),
    ]
    # The live side and exactly one old one; both earlier runs are torn down.
    groups = "SELECT count(*) FROM recommendations_datasetgroup WHERE name ~ '^home-(maize|blue)-'"
    assert night_shop.query(groups) == [(2,)]
    torn_down = "SELECT torn_down_at IS NOT NULL FROM recommendations_retrainrun WHERE rotation_id = 'home' ORDER BY id"
    assert night_shop.query(torn_down) == [(True,), (True,), (False,), (False,)]


def test_two_beats_a_double_click_a_command_and_the_night_make_one_run(night_shop: KillableShop) -> None:
    before = len(night_shop.query(RUNS))
    second_beat = [sys.executable, "-m", "celery", "--app", "storefront", "--quiet", "beat", "--pidfile="]
    beat = subprocess.Popen(
        [*second_beat, "--scheduler", "redbeat.RedBeatScheduler"],
        cwd=PROJECT,
        env={**os.environ, **night_shop.shop.environment, **urls(night_shop)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    commands = [("shell", "--verbosity", "0", "--command", REQUEST)] * 2 + [("retrain",)]
    codes: list[int] = []

    def run_command(words: tuple[str, ...]) -> None:
        codes.append(night_shop.shop.manage(*words).returncode)

    threads = [threading.Thread(target=run_command, args=(words,)) for words in commands]

    asked_before = night_shop.query(ASKED)[0][0]
    with stand_still(night_shop):
        next_night(night_shop)
        for thread in threads:
            thread.start()
        wait_until(lambda: night_shop.query(ASKED)[0][0] == asked_before + 3, night_shop)
    for thread in threads:
        thread.join()
    wait_until(lambda: len(succeeded(night_shop)) == before + 1, night_shop)
    time.sleep(3)  # Two more ticks of either beat.
    beat.kill()
    beat.wait()

    assert codes == [0, 0, 0]
    assert len(night_shop.query(RUNS)) == before + 1


@pytest.mark.parametrize("targets", [tuple(MARKS), tuple(PID_FILES)], ids=["processes", "servers"])
def test_night_survives_the_death_of_all(targets: tuple[str, ...], night_shop: KillableShop) -> None:
    before = len(succeeded(night_shop))
    next_night(night_shop)
    wait_until(lambda: night_shop.query(RUNS)[-1][2] not in {"provision", "succeeded"}, night_shop)

    killed = [target for target in targets if night_shop.kill(target)]
    wait_until(lambda: len(succeeded(night_shop)) == before + 1, night_shop)

    assert killed == list(targets)
    night_shop.assert_sound()
    wait_until(lambda: all(night_shop.pids(target) for target in targets), night_shop)


@contextmanager
def stand_still(shop: KillableShop) -> Iterator[None]:
    """Let nobody take a step as long as the block lasts, so that all come to one and the same run."""
    with psycopg.connect(shop.database_url) as connection:
        connection.execute("LOCK TABLE recommendations_stepattempt IN EXCLUSIVE MODE")
        yield


def urls(shop: KillableShop) -> dict[str, str]:
    """What the shop hands down to its processes, so that one more joins its servers."""
    return {
        "DATABASE_URL": shop.database_url,
        "REDIS_URL": f"unix://{shop.world_dir / 'run' / 'valkey.sock'}",
    }
