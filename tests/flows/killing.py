"""Finds and kills the processes of a running shop, and holds its rows to the invariants of a retrain."""

import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg

from storefront.clock import Clock
from storefront.embedded import addresses
from tests.running_shop import RunningShop

# What each is recognised by; servers write their ids down.
MARKS = {"worker": "worker@", "trainer": "trainer@", "beat": "RedBeatScheduler", "events": "consume_events"}
PID_FILES = {"postgres": "postgres/postmaster.pid", "valkey": "run/valkey.pid"}
TARGETS = (*MARKS, *PID_FILES)

# The demo's other rotation, which a draft experiment compares, is left out of it all: its nights would come between.
RETIRE = "from recommendations.models import Rotation; Rotation.objects.exclude(key='home').update(is_active=False)"
STATE = """
SELECT
    (SELECT count(*) FROM recommendations_livecampaign WHERE rotation_id = 'home'),
    (SELECT version FROM recommendations_livecampaign WHERE rotation_id = 'home'),
    (SELECT array_agg(version ORDER BY version) FROM recommendations_swap WHERE rotation_id = 'home'),
    (SELECT version.artifact_path
     FROM recommendations_livecampaign live
     JOIN recommendations_campaign campaign ON campaign.arn = live.campaign_arn AND campaign.status = 'ACTIVE'
     JOIN recommendations_solutionversion version
       ON version.id = campaign.solution_version_id AND version.status = 'ACTIVE'
     WHERE live.rotation_id = 'home'),
    (SELECT count(*) FROM recommendations_datasetgroup WHERE name ~ '^home-(maize|blue)-'),
    (SELECT count(*) FROM recommendations_retrainrun WHERE finished_at IS NULL AND rotation_id = 'home'),
    (SELECT count(*) FROM recommendations_swap swap WHERE run_id IS NOT NULL AND 2 > (
        SELECT count(*) FROM recommendations_stepattempt attempt
        WHERE attempt.run_id = swap.run_id AND event = 'done' AND step IN ('evaluate', 'heartbeat'))),
    (SELECT count(*) FROM (
        SELECT fencing_token - lag(fencing_token) OVER (PARTITION BY run_id ORDER BY id) AS step
        FROM recommendations_stepattempt) tokens WHERE step < 0)
"""


class KillableShop:
    """A running shop, its database, its clock and its processes."""

    def __init__(self, shop: RunningShop, world_dir: Path) -> None:
        self.shop, self.world_dir = shop, world_dir
        shop.python(RETIRE)
        self.database_url = addresses(world_dir).database_url

    @property
    def clock(self) -> Clock:
        return Clock(self.world_dir / "clock.json")

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        """Ask the shop's database.

        Raises:
            psycopg.OperationalError: it is away.
        """
        with psycopg.connect(self.database_url, connect_timeout=3) as connection:
            return connection.execute(statement).fetchall()

    def pids(self, target: str) -> list[int]:
        """The processes of that name, oldest first; none while it is being started again."""
        if target in PID_FILES:
            with suppress(FileNotFoundError, IndexError, ValueError):
                return [int((self.world_dir / PID_FILES[target]).read_text().split()[0])]
            return []
        return sorted(int(entry.name) for entry in Path("/proc").glob("[0-9]*") if self._is(entry, MARKS[target]))

    def kill(self, target: str, *, which: int = 0) -> bool:
        """Kill one process of that name as by kill -9, and say whether there was one."""
        pids = self.pids(target)
        if not pids:
            return False
        with suppress(ProcessLookupError):
            os.kill(pids[which % len(pids)], signal.SIGKILL)
            return True
        return False

    def _is(self, entry: Path, mark: str) -> bool:
        try:
            ours = f"VAR_DIR={self.world_dir.parent}\0".encode() in (entry / "environ").read_bytes()
            return ours and mark.encode() in (entry / "cmdline").read_bytes()
        except OSError:
            return False

    def assert_sound(self) -> None:
        """Hold the rows to what must be true at every moment.

        Raises:
            psycopg.OperationalError: the database is away.
        """
        found = self.query(STATE)[0]
        n_live, version, swaps, artifact, n_groups, n_active, n_unproven, n_tokens_back = found
        assert n_live == 1, "one pointer"
        assert swaps == list(range(1, version + 1)), "the pointer moves by compare and set, each move with its row"
        assert artifact, "the pointer names an ACTIVE campaign of an ACTIVE version"
        assert (self.world_dir / "artifacts" / artifact).is_dir(), "whose artifact is there"
        assert n_groups <= 2, "the live side and one other"
        assert n_active <= 1, "one active run"
        assert n_unproven == 0, "nothing went live without evaluation and heartbeat"
        assert n_tokens_back == 0, "nobody records after a successor"
