"""Simulated shoppers at a steady rate while a retrain swaps the campaign under them, held to their own log.

python -m benchmarks.drive_shoppers_under_retrain [--rate 50] [--minutes 5]
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.running_shop import RunningShop

LIVE_COLOUR = (
    "from recommendations.models import LiveCampaign as L; print(L.objects.get(rotation='home').deployment.colour)"
)
# Row 2 is personal for whomever the shop knows; what remains is the breaker's and the fallbacks' allowance.
PERSONAL_SHARE = 0.99


@dataclass(frozen=True)
class Outcome:
    """One run: the drive's report, the retrain's result, and the live colours before and after."""

    drive: dict[str, Any]
    retrain: subprocess.CompletedProcess[str]
    retrain_s: float
    colours: tuple[str, str]

    @property
    def faults(self) -> list[str]:
        """What went otherwise than it must, in words."""
        stored, faults = self.drive["stored"], []
        if self.retrain.returncode:
            faults.append(f"the retrain ended with {self.retrain.returncode}")
        if self.colours[0] == self.colours[1]:
            faults.append("no swap")
        if self.drive["failed"]:
            faults.append(f"{self.drive['failed']} failed requests, such as {self.drive['failures'][:3]}")
        if stored["n_lost"] or stored["n_doubled"]:
            faults.append(f"{stored['n_lost']} interactions lost, {stored['n_doubled']} doubled")
        if stored["n_impressions_stored"] != stored["n_impressions_logged"]:
            faults.append(f"{stored['n_impressions_logged']} impressions, {stored['n_impressions_stored']} stored")
        if (self.drive["personal_share_of_known"] or 0) < PERSONAL_SHARE:
            faults.append(f"row 2 personal on {self.drive['personal_share_of_known']} of known shoppers' homepages")
        return faults


def run(shop: RunningShop, *, rate: float, minutes: float) -> Outcome:
    """Drive the shop, and retrain a fifth of the way in."""
    before = shop.python(LIVE_COLOUR)
    done: list[tuple[subprocess.CompletedProcess[str], float]] = []

    def retrain() -> None:
        started = time.monotonic()
        done.append((shop.manage("retrain", timeout_s=60 * minutes + 300), time.monotonic() - started))

    thread = threading.Timer(60 * minutes / 5, retrain)
    thread.start()
    arguments = ("--rate", str(rate), "--minutes", str(minutes), "--url", shop.url, "--json")
    drive = shop.manage("drive_shoppers", *arguments, timeout_s=60 * minutes + 300)
    thread.join()
    assert drive.returncode == 0, drive.stderr
    return Outcome(json.loads(drive.stdout), *done[0], (before, shop.python(LIVE_COLOUR)))


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rate", type=float, default=50)
    options.add_argument("--minutes", type=float, default=5)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="shop-") as folder, RunningShop(Path(folder)) as shop:
        outcome = run(shop, rate=chosen.rate, minutes=chosen.minutes)
    drive, stored = outcome.drive, outcome.drive["stored"]
    figures = {
        "page views": drive["page_views"],
        "failed": drive["failed"],
        "p50 ms": drive["p50_ms"],
        "p95 ms": drive["p95_ms"],
        "p99 ms": drive["p99_ms"],
        "max ms": drive["max_ms"],
        "interactions caused": stored["n_logged"],
        "stored": stored["n_stored"],
        "lost": stored["n_lost"],
        "doubled": stored["n_doubled"],
        "impressions told": stored["n_impressions_logged"],
        "impressions stored": stored["n_impressions_stored"],
        "purchases": drive["purchases"],
        "row 2 personal, all": drive["personal_share"],
        "row 2 personal, known shoppers": drive["personal_share_of_known"],
        "Recommended For You by rung": ", ".join(f"{rung} {n}" for rung, n in stored["rungs"].items()),
        "live before and after": " -> ".join(outcome.colours),
        "retrain": f"exit {outcome.retrain.returncode} after {outcome.retrain_s:.1f} s",
    }
    table = Table("figure", "value", title=f"{chosen.rate:g} page views a second for {chosen.minutes:g} minutes")
    for name, value in figures.items():
        table.add_row(name, f"{value:,}" if isinstance(value, int) else str(value))
    console = Console(width=120)
    console.print(table)
    for row in drive["rows"]:
        console.print(f"{row['row']}: liking {row['mean_liking']:+.2f}, click-through {row['click_through_share']:.2%}")
    for fault in outcome.faults:
        console.print(f"Not as it must be: {fault}", markup=False)
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
