"""A drop's first second through HTTP: many buyers, few pieces, nobody gets what there is not.

python -m benchmarks.drop_storm [--buyers 500] [--pieces 20] [--seconds 1] [--rounds 3] [--bar-s 2.0]
"""

import argparse
import asyncio
import json
import re
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import numpy as np
from rich.console import Console
from rich.table import Table

from tests.running_shop import RunningShop

PRICE_CENTS = 18_000
# Any 32 letters and digits do, in the cookie and in the form.
CSRF_TOKEN = "d" * 32
PATIENCE_S = 60.0
BOUGHT = re.compile(r"^/orders/(\d+)/")
REFUSED = re.compile(r"Sold out|as many pieces of this drop")

# Announces a drop of one size and signs its buyers in. The names are those of the shell that runs it.
PREPARE = """
import json
from datetime import timedelta
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from catalog import conf
from catalog.dropping import announce
from catalog.models import Brand, Category, Product, Variant
from storefront.accounts.models import User
run, n_buyers, n_pieces, price_cents, opens_in_s = {arguments}
product = Product.objects.create(
    sku="STORM-" + run, name="Storm " + run, slug="storm-" + run, brand=Brand.objects.first(),
    category=Category.objects.first(), released_on=conf.now().date(), is_listed=False,
)
variant = Variant.objects.create(product=product, size="One size")
sessions = import_module(settings.SESSION_ENGINE).SessionStore
buyers = User.objects.bulk_create(User(username=f"storm-{{run}}-{{n}}", password="!" + run) for n in range(n_buyers))
keys = []
for buyer in buyers:
    session = sessions()
    session[SESSION_KEY] = str(buyer.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = buyer.get_session_auth_hash()
    session.create()
    keys.append(session.session_key)
drop = announce(
    product_id=product.pk, opens_at=conf.now() + timedelta(seconds=opens_in_s), price_cents=price_cents,
    pieces={{variant.pk: n_pieces}},
)
print(json.dumps({{"slug": product.slug, "variant_id": variant.pk, "sessions": keys}}))
"""
# Whatever the answers said: this is what happened.
COUNT = """
import json
from catalog.models import Ask, Order, Trade
trades = Trade.objects.filter(variant_id={variant_id})
asks = Ask.objects.filter(variant_id={variant_id})
print(json.dumps({{
    "trades": trades.count(), "buyers": trades.values("buyer").distinct().count(),
    "orders": Order.objects.filter(trade__in=trades).count(), "left": asks.filter(status="open").count(),
    "prices": sorted(set(trades.values_list("price_cents", flat=True))),
}}))
"""
# What was made for the storm leaves the shop's lists; its rows stay, as trades do.
CLEAR = "from catalog.models import Product; Product.objects.filter(slug='{slug}').update(is_listed=False)"


@dataclass(frozen=True, slots=True)
class Target:
    """Where the storm goes: the address, the size, and each buyer's session."""

    host: str
    port: int
    slug: str
    variant_id: int
    sessions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, `took_s` counted from when its request was due; status 0 where none came."""

    status: int
    location: str
    is_clean_refusal: bool
    took_s: float

    @property
    def order(self) -> str:
        """The order that was made; empty for none."""
        found = BOUGHT.match(self.location)
        return found[1] if self.status == 302 and found else ""


@dataclass(slots=True)
class Outcome:
    """A storm's answers, beside what the tables say of it."""

    answers: list[Answer] = field(default_factory=list)
    again: list[Answer] = field(default_factory=list)
    held: dict[str, object] = field(default_factory=dict)

    @property
    def n_bought(self) -> int:
        return sum(bool(answer.order) for answer in self.answers)

    @property
    def n_refused(self) -> int:
        """Refusals that say why, with 409."""
        return sum(answer.status == 409 and answer.is_clean_refusal for answer in self.answers)

    @property
    def n_broken(self) -> int:
        """Answers of the server's fault, and those that never came."""
        return sum(answer.status == 0 or answer.status >= 500 for answer in self.answers)

    def percentile_s(self, percent: float) -> float:
        return float(np.percentile([answer.took_s for answer in self.answers], percent))

    def faults(self, n_pieces: int) -> list[str]:
        """Everything that is not as it must be, however long it took."""
        n_buyers = len(self.answers)
        wanted = {"trades": n_pieces, "buyers": n_pieces, "orders": n_pieces, "left": 0, "prices": [PRICE_CENTS]}
        orders = [answer.order for answer in self.answers if answer.order]
        checks = {
            f"{self.n_bought} of {n_pieces} pieces were sold by the answers": self.n_bought == n_pieces,
            f"{len(set(orders))} different orders": len(set(orders)) == len(orders),
            f"{self.n_refused} clean refusals of {n_buyers - n_pieces}": self.n_refused == n_buyers - n_pieces,
            f"{self.n_broken} broken answers": self.n_broken == 0,
            f"the tables hold {self.held}": self.held == wanted,
            "the same keys again had other outcomes": [answer.order for answer in self.again]
            == [answer.order for answer in self.answers],
        }
        return [said for said, holds in checks.items() if not holds]


def prepare(shop: RunningShop, *, n_buyers: int, n_pieces: int, opens_in_s: float) -> Target:
    """Announce a drop of `n_pieces` of one size and sign `n_buyers` accounts in."""
    arguments = repr((uuid4().hex[:8], n_buyers, n_pieces, PRICE_CENTS, opens_in_s))
    made = json.loads(shop.python(PREPARE.format(arguments=arguments)).splitlines()[-1])
    return Target("127.0.0.1", shop.port, made["slug"], made["variant_id"], tuple(made["sessions"]))


def requests_of(target: Target) -> list[bytes]:
    """Each buyer's click on Buy, as a browser without JavaScript sends it; the key is the buyer's own."""
    made = []
    for session in target.sessions:
        body = urlencode(
            {
                "csrfmiddlewaretoken": CSRF_TOKEN,
                "choice": f"{target.variant_id}:{PRICE_CENTS}",
                "idempotency_key": str(uuid4()),
            }
        )
        head = (
            f"POST /p/{target.slug}/buy/ HTTP/1.1\r\nHost: {target.host}:{target.port}\r\nConnection: close\r\n"
            f"Cookie: sessionid={session}; csrftoken={CSRF_TOKEN}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        made.append((head + body).encode())
    return made


async def storm(target: Target, requests: list[bytes], *, seconds: float) -> list[Answer]:
    """Send the requests evenly over so many seconds, whether or not earlier ones have come back."""
    started = time.monotonic() + 0.1
    return await asyncio.gather(
        *(_send(target, request, started + seconds * turn / len(requests)) for turn, request in enumerate(requests))
    )


async def _send(target: Target, request: bytes, due: float) -> Answer:
    await asyncio.sleep(max(0.0, due - time.monotonic()))
    try:
        async with asyncio.timeout(PATIENCE_S):
            reader, writer = await asyncio.open_connection(target.host, target.port)
            try:
                writer.write(request)
                answer = await reader.read(-1)
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return Answer(0, "", is_clean_refusal=False, took_s=time.monotonic() - due)
    took_s = time.monotonic() - due
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    status = int(lines[0].split()[1]) if len(lines[0].split()) > 1 else 0
    location = next((line.partition(":")[2].strip() for line in lines if line.lower().startswith("location:")), "")
    return Answer(status, location, bool(REFUSED.search(body.decode("utf-8", "replace"))), took_s)


def run(shop: RunningShop, *, n_buyers: int, n_pieces: int, seconds: float, opens_in_s: float = 8.0) -> Outcome:
    """One storm on a running shop: the drop opens, everybody comes, and then everybody clicks again."""
    target = prepare(shop, n_buyers=n_buyers, n_pieces=n_pieces, opens_in_s=opens_in_s)
    requests = requests_of(target)
    # Its opening lies a moment behind, whenever the preparation ended.
    time.sleep(opens_in_s)
    outcome = Outcome(answers=asyncio.run(storm(target, requests, seconds=seconds)))
    outcome.again = asyncio.run(storm(target, requests, seconds=max(seconds, n_buyers / 100)))
    outcome.held = json.loads(shop.python(COUNT.format(variant_id=target.variant_id)).splitlines()[-1])
    shop.python(CLEAR.format(slug=target.slug))
    return outcome


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--buyers", type=int, default=500)
    options.add_argument("--pieces", type=int, default=20)
    options.add_argument("--seconds", type=float, default=1.0)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--bar-s", type=float, default=2.0, help="the 99th percentile must not take longer")
    chosen = options.parse_args()
    table = Table(title=f"{chosen.buyers} buyers of {chosen.pieces} pieces within {chosen.seconds:g} s, by HTTP")
    for column in ("round", "sold", "refused", "broken", "p50 ms", "p99 ms", "max ms", "answers"):
        table.add_column(column, justify="right")
    faults, slowest_s = [], 0.0
    with tempfile.TemporaryDirectory(prefix="shop-") as folder, RunningShop(Path(folder)) as shop:
        for number in range(1, chosen.rounds + 1):
            outcome = run(shop, n_buyers=chosen.buyers, n_pieces=chosen.pieces, seconds=chosen.seconds)
            faults += [f"round {number}: {fault}" for fault in outcome.faults(chosen.pieces)]
            p50, p99, slowest = (outcome.percentile_s(percent) for percent in (50, 99, 100))
            slowest_s = max(slowest_s, p99)
            statuses = Counter(answer.status for answer in outcome.answers)
            counts = [outcome.n_bought, outcome.n_refused, outcome.n_broken]
            figures = [f"{seconds * 1000:.0f}" for seconds in (p50, p99, slowest)]
            table.add_row(str(number), *map(str, counts), *figures, str(dict(statuses)))
    Console(width=140).print(table)
    for fault in faults:
        sys.stdout.write(f"{fault}\n")
    return 1 if faults or slowest_s > chosen.bar_s else 0


if __name__ == "__main__":
    sys.exit(main())
