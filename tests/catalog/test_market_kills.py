"""Servers killed with SIGKILL while orders come in: what was acknowledged is there, what is sent again is done once."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from storefront.embedded import Lease, ensure_running

PROJECT = Path(__file__).parents[2]
KINDS = ("place_bid", "place_ask", "buy_now", "sell_now")
PATIENCE_S = 60.0


class World:
    """Servers of this test's own, which may be killed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lease: Lease = ensure_running(folder)
        servers = self.lease.__enter__()
        self.database_url = servers.database_url
        self.environment = {
            **os.environ,
            "DATABASE_URL": servers.database_url,
            "REDIS_URL": f"unix://{servers.valkey_socket}",
            "PYTHONWARNINGS": "ignore",
        }

    def start(self, job: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.catalog.market_worker", job],
            cwd=PROJECT,
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, job: str) -> Any:
        told, _ = self.start(job).communicate(timeout=PATIENCE_S)
        return json.loads(told)

    def kill_postmaster(self) -> None:
        """PostgreSQL as by a power cut, and up again."""
        os.kill(int((self.folder / "postgres/postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        until = time.monotonic() + PATIENCE_S
        while not self.lease.mend():  # Its children notice a moment later, and hold the lock until they do.
            assert time.monotonic() < until
            time.sleep(0.02)

    def kill_backend(self) -> None:
        """One connection's process, upon which PostgreSQL ends all others and recovers."""
        with suppress(psycopg.OperationalError), psycopg.connect(self.database_url, autocommit=True) as connection:
            pids = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            ).fetchall()
            if pids:
                os.kill(random.choice(pids)[0], signal.SIGKILL)


class Client(threading.Thread):
    """Sends one command after the other to a worker, the same again until it is answered; keeps every answer."""

    def __init__(self, world: World, seed: int, market: dict[str, list[int]], stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.world, self.rng, self.market, self.stop = world, random.Random(seed), market, stop
        self.worker = world.start("work")
        self.acknowledged: dict[str, dict[str, Any]] = {}
        self.n_again = 0

    def run(self) -> None:
        try:
            self._trade()
        finally:
            self.worker.kill()
            with suppress(BrokenPipeError):
                self.worker.communicate()

    def _trade(self) -> None:
        while not self.stop.is_set():
            key = str(UUID(int=self.rng.getrandbits(128)))
            asked = {
                "kind": self.rng.choice(KINDS),
                "account": self.rng.choice(self.market["accounts"]),
                "target": self.rng.choice(self.market["sizes"]),
                "key": key,
                "price_cents": self.rng.randrange(1_000, 2_000, 100),
                "days": 7,
            }
            until = time.monotonic() + PATIENCE_S
            while (answer := self._send(asked)) is None:
                assert time.monotonic() < until, "The servers did not come back."
                self.n_again += 1
                time.sleep(0.05)
            self.acknowledged[key] = answer

    def _send(self, asked: dict[str, Any]) -> dict[str, Any] | None:
        """The answer; None where the worker or the database died over it, or has it under way."""
        assert self.worker.stdin is not None
        assert self.worker.stdout is not None
        try:
            self.worker.stdin.write(json.dumps(asked) + "\n")
            self.worker.stdin.flush()
            line = self.worker.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line.endswith("\n"):
            self.worker.kill()
            with suppress(BrokenPipeError):
                self.worker.communicate()
            self.worker = self.world.start("work")
            return None
        answer: dict[str, Any] = json.loads(line)
        return None if answer.get("away") or answer["refused"] == "command_in_progress" else answer


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "var" / "kills")
    try:
        yield made
    finally:
        made.lease.release()


def trade_under_kills(world: World, n_kills: int) -> None:
    market, stop, rng = world.ask("fill"), threading.Event(), random.Random(5)
    clients = [Client(world, seed, market, stop) for seed in range(3)]
    for client in clients:
        client.start()
    victims = ("postmaster", "backend", "worker")
    try:
        for number in range(n_kills):
            n_before = sum(len(client.acknowledged) for client in clients)
            until = time.monotonic() + PATIENCE_S
            while sum(len(client.acknowledged) for client in clients) < n_before + 20 and time.monotonic() < until:
                time.sleep(0.01)
            time.sleep(rng.random() * 0.2)
            match victims[number % len(victims)]:
                case "postmaster":
                    world.kill_postmaster()
                case "backend":
                    world.kill_backend()
                case _:
                    rng.choice(clients).worker.send_signal(signal.SIGKILL)
    finally:
        stop.set()
        for client in clients:
            client.join(PATIENCE_S)

    found = world.ask("check")

    acknowledged = {key: answer for client in clients for key, answer in client.acknowledged.items()}
    outcomes = found["outcomes"]
    assert found["faults"] == {}
    assert found["trades"] == found["orders"]
    assert set(outcomes) == set(acknowledged)
    for key, answer in acknowledged.items():
        kept = outcomes[key]
        assert kept.get("refused") == answer["refused"]
        if answer["price"] is not None:
            assert (kept["price"], kept["trade"] in found["trades"]) == (answer["price"], True)
    assert sum(answer["price"] is not None for answer in acknowledged.values()) == len(found["trades"])
    assert sum(client.n_again for client in clients) >= n_kills // 2
    assert len(acknowledged) >= 20 * n_kills


def test_no_acknowledged_order_is_lost_when_servers_are_killed(world: World) -> None:
    trade_under_kills(world, 3)


@pytest.mark.soak
def test_no_acknowledged_order_is_lost_over_twenty_kills(world: World) -> None:
    trade_under_kills(world, 20)
