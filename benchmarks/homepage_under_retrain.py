"""The homepage under steady load while a retrain swaps the campaign under it.

python -m benchmarks.homepage_under_retrain [--rate 50] [--seconds 120]
"""

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.load import LoadReport, drive
from tests.running_shop import RunningShop

LIVE_COLOUR = (
    "from recommendations.models import LiveCampaign as L; print(L.objects.get(rotation='home').deployment.colour)"
)


@dataclass(frozen=True)
class Outcome:
    """One run: the load's report, the retrain's result, and the live colours before and after."""

    load: LoadReport
    retrain: subprocess.CompletedProcess[str]
    retrain_s: float
    colours: tuple[str, str]


def run(shop: RunningShop, *, rate: float, seconds: float) -> Outcome:
    """Load the shop's homepage, and retrain a moment later."""
    before = shop.python(LIVE_COLOUR)
    done: list[tuple[subprocess.CompletedProcess[str], float]] = []

    def retrain() -> None:
        started = time.monotonic()
        done.append((shop.manage("retrain", timeout_s=max(seconds, 300.0)), time.monotonic() - started))

    thread = threading.Timer(min(2.0, seconds / 10), retrain)
    thread.start()
    load = drive(f"{shop.url}/", rate=rate, seconds=seconds)
    thread.join()
    return Outcome(load, *done[0], (before, shop.python(LIVE_COLOUR)))


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rate", type=float, default=50)
    options.add_argument("--seconds", type=float, default=120)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="shop-") as folder, RunningShop(Path(folder)) as shop:
        outcome = run(shop, rate=chosen.rate, seconds=chosen.seconds)
    load = outcome.load
    table = Table(
        title=f"Homepage at {chosen.rate:g}/s for {chosen.seconds:g} s, with a retrain of {outcome.retrain_s:.1f} s"
    )
    for column in (
        "requests",
        "failed",
        "p50 ms",
        "p95 ms",
        "p99 ms",
        "max ms",
        "live before",
        "live after",
        "retrain",
    ):
        table.add_column(column, justify="right")
    figures = [f"{load.percentile_ms(percent):.1f}" for percent in (50, 95, 99, 100)]
    table.add_row(
        str(load.n_requests), str(len(load.failures)), *figures, *outcome.colours, f"exit {outcome.retrain.returncode}"
    )
    Console(width=140).print(table)
    return 0 if not load.failures and outcome.retrain.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
