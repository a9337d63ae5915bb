"""Two hundred kills at random moments of fifty nights: the shop heals by itself and is never without a campaign."""

import logging
import os
import random
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from tests.flows.killing import TARGETS, KillableShop
from tests.running_shop import RunningShop

logger = logging.getLogger(__name__)

N_NIGHTS = int(os.environ.get("SOAK_NIGHTS", "50"))
N_KILLS = 4 * N_NIGHTS
SEED = 20260329
# The longest that a night may take with everything killed on the way.
NIGHT_WITHIN_S = 90.0
# Four ends of one process within half a minute are bad luck; the supervisor gives up at the fifth.
SPARED_S = 8.0
# How long pages may fail once PostgreSQL was killed: its start, and a reconnection.
OUTAGE_S = 10.0
STATUS = """
SELECT id, status, failure_step, failure_reason FROM recommendations_retrainrun
WHERE rotation_id = 'home' ORDER BY id DESC LIMIT 1
"""


class Visitors(threading.Thread):
    """Asks for the homepage four times a second and notes what went wrong when."""

    def __init__(self, url: str) -> None:
        super().__init__(name="visitors", daemon=True)
        self.url, self.n_asked = url, 0
        self.failed_at_s: list[tuple[float, str]] = []
        self.leaving = threading.Event()

    def run(self) -> None:
        while not self.leaving.wait(0.25):
            self.n_asked += 1
            try:
                with urllib.request.urlopen(self.url, timeout=10) as page:
                    if page.read().count(b"data-item-id") < 12:
                        self.failed_at_s.append((time.monotonic(), "too few items"))
            except (urllib.error.URLError, OSError) as error:
                self.failed_at_s.append((time.monotonic(), str(error)))


class Killer:
    """Kills one process after another at random moments, none so often that its supervisor must give up."""

    def __init__(self, shop: KillableShop) -> None:
        self._shop, self._random = shop, random.Random(SEED)
        self.killed: Counter[str] = Counter()
        self.killed_at_s: dict[str, list[float]] = {target: [] for target in TARGETS}

    def wait_and_kill(self, longest_s: float) -> None:
        time.sleep(self._random.uniform(0.0, longest_s))
        now_s = time.monotonic()
        ready = [
            each for each in TARGETS if not self.killed_at_s[each] or now_s - self.killed_at_s[each][-1] > SPARED_S
        ]
        target = self._random.choice(ready) if ready else None
        if target is not None and self._shop.kill(target, which=self._random.randrange(2)):
            self.killed[target] += 1
            self.killed_at_s[target].append(time.monotonic())


def has_ended(shop: KillableShop, run_before: int) -> bool:
    with suppress(psycopg.OperationalError):
        number, status, _, _ = shop.query(STATUS)[0]
        shop.assert_sound()
        return number > run_before and status in {"succeeded", "failed"}
    return False


def newest_run(shop: KillableShop) -> tuple[int, str, str, str]:
    deadline_s = time.monotonic() + OUTAGE_S
    while True:
        try:
            return shop.query(STATUS)[0]
        except psycopg.OperationalError:
            assert time.monotonic() < deadline_s, "PostgreSQL did not come back"
            time.sleep(0.1)


@pytest.mark.soak
def test_two_hundred_kills_over_fifty_nights(tmp_path: Path) -> None:
    hurry = {"RETRAIN_TICK_S": "1", "LEASE_S": "10", "WATERMARK_SLACK_S": "0.5"}
    ends: Counter[str] = Counter()
    slowest_s = 0.0
    with RunningShop(tmp_path, **hurry) as running:
        shop = KillableShop(running, tmp_path / "demo")
        visitors, killer = Visitors(running.url), Killer(shop)
        visitors.start()
        for night in range(N_NIGHTS):
            before = newest_run(shop)[0]
            shop.clock.set(shop.clock.now() + timedelta(days=1))
            began_s = time.monotonic()
            while not has_ended(shop, before) or sum(killer.killed.values()) < 4 * (night + 1):
                assert time.monotonic() - began_s < NIGHT_WITHIN_S, f"{newest_run(shop)}\n{running.log[-4000:]}"
                if sum(killer.killed.values()) < 4 * (night + 1):
                    killer.wait_and_kill(3.0)
                else:
                    time.sleep(0.2)
            slowest_s = max(slowest_s, time.monotonic() - began_s)
            ends[newest_run(shop)[1]] += 1
        visitors.leaving.set()
        visitors.join()
        gave_up = running.log.count("ended 5 times")
    outages_s = killer.killed_at_s["postgres"]
    unexplained = [
        (at_s, what)
        for at_s, what in visitors.failed_at_s
        if not any(0 <= at_s - out_s < OUTAGE_S for out_s in outages_s)
    ]
    logger.info(
        "%s killed; nights %s, the slowest %.1f s; %d pages, %d failed",
        dict(killer.killed),
        dict(ends),
        slowest_s,
        visitors.n_asked,
        len(visitors.failed_at_s),
    )

    assert sum(killer.killed.values()) == N_KILLS
    assert ends == {"succeeded": N_NIGHTS}
    assert unexplained == []
    assert gave_up == 0
