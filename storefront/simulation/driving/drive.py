"""One drive: a crowd of simulated shoppers uses the running shop at a steady rate, and is held to its log."""

import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from recommendations.events import cookie
from storefront.origin import require_no_import
from storefront.progress import Report
from storefront.simulation import record
from storefront.simulation.driving.connection import Connection, Cookies, Target
from storefront.simulation.driving.crowd import Crowd
from storefront.simulation.driving.ledger import Ledger
from storefront.simulation.driving.market import Market
from storefront.simulation.driving.pace import WORKERS, Pace
from storefront.simulation.driving.plants import Plant
from storefront.simulation.driving.reconciling import reconcile
from storefront.simulation.driving.report import DriveReport
from storefront.simulation.driving.tally import LATEST, Tally
from storefront.simulation.driving.visitor import Visitor

# A shopper takes at least this long over a page, on average.
SECONDS_A_PAGE = 4


class DriveRefused(Exception):
    """There is nothing to drive; the message names the fix."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How hard to drive: pages a second, seconds, shoppers at a time, the seed of their whims, and planted effects."""

    rate: float
    seconds: float
    seed: int = 1
    shoppers: int | None = None
    plants: tuple[Plant, ...] = ()

    @property
    def n_visitors(self) -> int:
        """Shoppers who browse at a time; each has a page on the screen meanwhile."""
        return self.shoppers or max(WORKERS, round(SECONDS_A_PAGE * self.rate))


def drive(target: Target, plan: Plan, *, now: Callable[[], datetime], report: Report) -> DriveReport:
    """Drive the shop; its pages, forms and beacons are all that is touched, and the tables are read afterwards.

    Args:
        target: the running shop, of this world.
        plan: how hard.
        now: the world's clock.
        report: told the share done, 0..1, and a note.

    Raises:
        DriveRefused: no shop answers, or one of another world.
        OriginMixed: the world was imported.
        ValueError: there is no product.
    """
    require_no_import()
    _require_this_world(target)
    started_at = now()
    market = Market.of_world(seed=plan.seed, now=started_at)
    crowd = Crowd(market, seed=plan.seed, now_s=int(started_at.timestamp()))
    path = record.folder() / f"drive-{started_at:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}.jsonl"
    tally = Tally()
    with Ledger(path, now) as ledger:
        visitors = [
            Visitor(
                crowd.next_person,
                ledger,
                tally,
                random.Random(f"{plan.seed}/{number}"),
                prefix="driven",
                plants=plan.plants,
            )
            for number in range(plan.n_visitors)
        ]
        pace = Pace(target, visitors, tally, rate=plan.rate, seconds=plan.seconds)
        seconds = pace.run(lambda share: report(share, _note(tally)))
    report(1.0, "waiting for the consumers")
    stored = reconcile(ledger, since=started_at)
    return DriveReport.of(tally, seconds=seconds, stored=stored, log=str(path))


def _require_this_world(target: Target) -> None:
    """The shop answers, and signs its cookies as this world does: else the log could not be compared."""
    cookies = Cookies()
    connection = Connection(target)
    try:
        answer = connection.get("/", cookies)
    except OSError as error:
        raise DriveRefused(
            f"No shop answers at {target.origin}: start it with make demo, or name it with --url."
        ) from error
    finally:
        connection.close()
    if answer.status != 200:
        raise DriveRefused(f"The shop at {target.origin} answers with status {answer.status}; see its log.")
    held = cookies.held.get(cookie.name())
    if held is not None and cookie.read(held) is None:
        raise DriveRefused(
            f"The shop at {target.origin} is of another world: its cookies are signed with another key. "
            "Set WORLD (and SECRET_KEY) as the shop has them."
        )


def _note(tally: Tally) -> str:
    return (
        f"{tally.n_pages:,} page views, {tally.n_failed} failed, "
        f"p95 {tally.percentile_ms(95, latest=LATEST):.0f} ms, {tally.deeds['purchase']} purchases"
    )
