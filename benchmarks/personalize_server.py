"""The wire server on a large catalogue: an import, signed recommendations at a steady rate, events that change answers.

python -m benchmarks.personalize_server [--items 50000] [--events 1000000] [--rate 500] [--seconds 20]
"""

import argparse
import csv
import os
import sys
import tempfile
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.engine.simulated_log import make_log
from benchmarks.load import LoadReport
from benchmarks.signed_load import drive, sign
from tests.factories.wire import INTERACTION_FIELDS, ITEM_FIELDS
from tests.factories.wire_groups import Group
from tests.wire_server import ACCESS_KEY, REGION, SECRET_KEY, WireServer

K = 25
WORKERS = 2
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
BAR_P99_MS, BAR_CHANGED_S, BAR_IMPORT_S = 20.0, 1.0, 30.0
N_CHANGES = 100
N_WARM = 500
RECIPE = "aws-user-personalization"


@dataclass(frozen=True)
class Prepared:
    """What requests are made to."""

    campaign: str
    tracking_id: str
    users: list[str]
    items: list[str]
    import_s: float
    train_s: float


def prepare(server: WireServer, n_events: int, n_items: int) -> Prepared:
    """Import a log in the order of time, as files of events come, and items; train; make a campaign and a tracker."""
    log = make_log(n_events, n_items)
    users, items = [str(each) for each in log.user_ids], [str(each) for each in log.item_ids]
    order = np.argsort(log.timestamps, kind="stable")
    with (server.data / "interactions.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["USER_ID", "ITEM_ID", "TIMESTAMP", "EVENT_TYPE"])
        columns = (log.users[order].tolist(), log.items[order].tolist(), log.timestamps[order].tolist())
        writer.writerows((users[user], items[item], at_s, "view") for user, item, at_s in zip(*columns, strict=True))
    with (server.data / "items.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["ITEM_ID", "GENRE", "PRICE"])
        writer.writerows((item, f"g{place // 50}", place % 100) for place, item in enumerate(items))
    group = Group.make(server.client("personalize"))
    datasets = group.dataset("Interactions", INTERACTION_FIELDS), group.dataset("Items", ITEM_FIELDS)
    group.run_import(datasets[1], server.data / "items.csv")
    started = time.monotonic()
    job = group.run_import(datasets[0], server.data / "interactions.csv")
    import_s = time.monotonic() - started
    if job["status"] != "ACTIVE":
        raise SystemExit(f"The import failed: {job}")
    tracking_id = group.tracker()[1]
    solution = group.solution(RECIPE)
    started = time.monotonic()
    version = group.train(solution)
    train_s = time.monotonic() - started
    if version["status"] != "ACTIVE":
        raise SystemExit(f"The training failed: {version}")
    return Prepared(group.campaign(version["solutionVersionArn"]), tracking_id, users, items, import_s, train_s)


def cpu_s_of(pid: int) -> float:
    """CPU-seconds of the web processes below a process, so far."""
    parents: dict[int, int] = {}
    spent: dict[int, float] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            parents[int(folder.name)] = int(fields[1])
            spent[int(folder.name)] = (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND
    web = {child for child, parent in parents.items() if parent == pid and _is_web(child)}
    while more := {child for child, parent in parents.items() if parent in web and child not in web}:
        web |= more
    return sum(spent[each] for each in web)


def _is_web(pid: int) -> bool:
    try:
        return b"granian" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False


class Measured:
    """One load, and what it cost the server."""

    def __init__(self, server: WireServer, requests: list[bytes], *, rate: float, expected: int = 200) -> None:
        before, started = cpu_s_of(server.pid), time.monotonic()
        self.load: LoadReport = drive(server.port, requests, rate=rate, expected=expected)
        self.took_s = time.monotonic() - started
        self.cpu_ms = (cpu_s_of(server.pid) - before) / len(requests) * 1000

    def report(self, what: str) -> str:
        load = self.load
        figures = ", ".join(f"p{percent} {load.percentile_ms(percent):.1f} ms" for percent in (50, 95, 99))
        rate = load.n_requests / self.took_s
        return (
            f"{what}: {load.n_requests} requests, {len(load.failures)} failed, {rate:.0f}/s, {figures}, "
            f"{self.cpu_ms:.2f} ms of CPU each"
        )


def measure_changes_s(server: WireServer, made: Prepared) -> list[float]:
    """Seconds from PutEvents to the first answer that is another, for people whom nobody has seen before."""
    runtime, events = server.client("personalize-runtime"), server.client("personalize-events")
    chance, took_s = np.random.default_rng(1), []

    def ask(user: str) -> list[str]:
        answer = runtime.get_recommendations(campaignArn=made.campaign, userId=user, numResults=K)
        return [item["itemId"] for item in answer["itemList"]]

    for _ in range(N_CHANGES):
        user, item = uuid.uuid4().hex, made.items[int(chance.integers(len(made.items)))]
        before = ask(user)
        started = time.monotonic()
        event = {"eventType": "view", "itemId": item, "sentAt": time.time()}
        events.put_events(trackingId=made.tracking_id, sessionId=user, userId=user, eventList=[event])
        while ask(user) == before and time.monotonic() - started < 10 * BAR_CHANGED_S:
            pass
        took_s.append(time.monotonic() - started)
    return took_s


def measure(server: WireServer, made: Prepared, *, rate: float, seconds: float) -> bool:
    """Print every figure; return whether all bars are met."""
    chance = np.random.default_rng(0)

    def signed(path: str, n: int) -> list[bytes]:
        asked = chance.integers(0, len(made.users), n).tolist()
        bodies = [{"campaignArn": made.campaign, "userId": made.users[user], "numResults": K} for user in asked]
        return sign(server.url, path, bodies, ACCESS_KEY, SECRET_KEY, REGION)

    n = int(rate * seconds)
    drive(server.port, signed("/recommendations", N_WARM), rate=rate)
    # Signed, read and refused as not offered: all that a request costs before anything is recommended.
    empty = Measured(server, signed("/action-recommendations", n), rate=rate, expected=400)
    print(empty.report("an empty signed endpoint"))
    offered = Measured(server, signed("/recommendations", n), rate=rate)
    print(offered.report(f"GetRecommendations for {K} items of {len(made.items)}"))
    print(
        Measured(server, signed("/recommendations", n // 2), rate=float("inf")).report("as fast as they are answered")
    )
    changes_s = measure_changes_s(server, made)
    changed_s = float(np.percentile(changes_s, 99))
    print(f"PutEvents to a changed answer: p50 {np.median(changes_s) * 1000:.0f} ms, p99 {changed_s * 1000:.0f} ms")
    is_quick = not offered.load.failures and offered.load.percentile_ms(99) <= BAR_P99_MS
    return is_quick and changed_s <= BAR_CHANGED_S and made.import_s <= BAR_IMPORT_S


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--items", type=int, default=50_000)
    options.add_argument("--events", type=int, default=1_000_000)
    options.add_argument("--rate", type=float, default=500)
    options.add_argument("--seconds", type=float, default=20)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="personalize-") as folder:
        # No address of a database: the server starts its own.
        server = WireServer(Path(folder), database_url="")
        server.data.mkdir(parents=True)
        try:
            server.start("--workers", str(WORKERS))
            made = prepare(server, chosen.events, chosen.items)
            print(f"{chosen.events} interactions imported in {made.import_s:.1f} s, trained on in {made.train_s:.1f} s")
            met = measure(server, made, rate=chosen.rate, seconds=chosen.seconds)
        finally:
            server.stop()
    print("every bar is met" if met else "a bar is not met")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
