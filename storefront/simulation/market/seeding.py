"""Gives a demo world its market's past and its standing books, once: drawn around what the simulated shoppers did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from django.contrib.auth.hashers import make_password
from numpy.typing import NDArray

from catalog.history import add_staged, copying_trades, staging_trades
from catalog.models import Trade
from catalog.standing import StandingOrder, add_standing, books_held
from storefront.accounts.models import User
from storefront.origin import require_no_import
from storefront.progress import Report
from storefront.simulation.market.books import Standing, draw_bids
from storefront.simulation.market.parameters import MarketParameters
from storefront.simulation.market.past import PastTrades, draw_past
from storefront.simulation.market.reading import Deed, read_deeds, read_items
from storefront.simulation.market.sizes import WHOLE_CENTS, Sizes, cheapest

# Accounts of simulated shoppers, who own the standing orders; nobody can sign in to them.
N_TRADERS = 500
# Not a shopper key: whoever asks the admin for a shopper by key would find an account that has none.
TRADER_NAME = "trader-"


@dataclass(frozen=True, slots=True)
class SeededMarket:
    """How much was written."""

    n_trades: int
    n_bids: int
    n_asks: int


def seed_market(parameters: MarketParameters, *, ends_at: datetime, report: Report) -> SeededMarket | None:
    """Write past trades, standing bids and asks in one transaction; None where the world has such a past already.

    What simulated shoppers bought are trades at their time and price; what they bid and asked lately stands in the
    books. Around it come trades and bids of the rest of the market, which leave no interactions.

    Args:
        parameters: how much, and how prices wander.
        ends_at: the world's now; everything lies before it.
        report: told the share done, 0..1, and a note.

    Raises:
        OriginMixed: the world was imported.
        ValueError: nothing is listed.
    """
    require_no_import()
    with books_held():
        if Trade.objects.filter(source=Trade.Source.SIMULATION).exists():
            return None
        report(0.0, "reading the shop")
        items, sizes = read_items()
        if not items.skus:
            raise ValueError("Nothing is listed; seed the catalogue first.")
        deeds = read_deeds(items, ends_at=ends_at, standing_days=max(parameters.expiry_days))
        rng = np.random.default_rng((parameters.seed, 3))
        past = draw_past(parameters, items, sizes, ends_at.timestamp(), rng)
        at_least = cheapest(sizes, len(items.skus))
        report(0.2, "storing trades")
        n_trades = _store_trades(past, sizes, deeds, at_least)
        report(0.7, "storing bids and asks")
        desk = _Desk(sizes, at_least, _traders(), ends_at)
        bids = desk.drawn(draw_bids(parameters, items, sizes, N_TRADERS, ends_at.timestamp(), rng))
        bids += desk.of_deeds(deeds, "bid", parameters, rng)
        asks = desk.of_deeds(deeds, "ask", parameters, rng)
        add_standing(bids, asks, at=ends_at)
    report(1.0, "done")
    return SeededMarket(n_trades, len(bids), len(asks))


def _store_trades(past: PastTrades, sizes: Sizes, deeds: Sequence[Deed], at_least: NDArray[np.intp]) -> int:
    variant_ids = sizes.variant_id[past.size].tolist()
    with staging_trades():
        with copying_trades() as copy:
            for row in zip(variant_ids, past.price_cents.tolist(), past.at_s.tolist(), strict=True):
                copy.write_row((row[0], row[1], _moment(row[2])))
            for deed in deeds:
                size = int(at_least[deed.item])
                if deed.kind == "purchase" and size >= 0:
                    copy.write_row((int(sizes.variant_id[size]), deed.price_cents, deed.at))
        return add_staged(Trade.Source.SIMULATION)


def _traders() -> list[int]:
    """The ids of the simulated shoppers' accounts, by their numbers; made where they lack.

    They have no shopper key: whoever drives the shop with a simulated shopper's cookie signs up as anybody.
    """
    names = [f"{TRADER_NAME}{number + 1:05d}" for number in range(N_TRADERS)]
    no_password = make_password(None)
    User.objects.bulk_create([User(username=name, password=no_password) for name in names], ignore_conflicts=True)
    held = dict(User.objects.filter(username__in=names).values_list("username", "pk"))
    return [held[name] for name in names]


@dataclass(frozen=True, slots=True, eq=False)
class _Desk:
    """Turns what was drawn into orders of accounts; what was done becomes one in the size that asks least."""

    sizes: Sizes
    at_least: NDArray[np.intp]
    traders: Sequence[int]
    ends_at: datetime

    def drawn(self, standing: Standing) -> list[StandingOrder]:
        """Orders of sizes by their index and of shoppers by their number."""
        columns = (
            self.sizes.variant_id[standing.size].tolist(),
            standing.shopper.tolist(),
            standing.price_cents.tolist(),
            standing.placed_s.tolist(),
            standing.expires_s.tolist(),
        )
        return [
            StandingOrder(variant_id, self.traders[shopper], cents, _moment(placed_s), _moment(expires_s))
            for variant_id, shopper, cents, placed_s, expires_s in zip(*columns, strict=True)
        ]

    def of_deeds(
        self, deeds: Sequence[Deed], kind: str, parameters: MarketParameters, rng: np.random.Generator
    ) -> list[StandingOrder]:
        """What shoppers bid or asked and has not run out; a bid ended with the purchase of its item."""
        bought = {(deed.shopper, deed.item) for deed in deeds if deed.kind == "purchase"}
        days = rng.choice(parameters.expiry_days, len(deeds), p=parameters.expiry_weights).tolist()
        orders = []
        for deed, n_days in zip(deeds, days, strict=True):
            size, expires_at = int(self.at_least[deed.item]), deed.at + timedelta(days=n_days)
            is_done = kind == "bid" and (deed.shopper, deed.item) in bought
            if deed.kind != kind or is_done or size < 0 or expires_at <= self.ends_at:
                continue
            lowest = int(self.sizes.lowest_ask_cents[size])
            cents = min(deed.price_cents, lowest - WHOLE_CENTS) if kind == "bid" else max(deed.price_cents, lowest)
            if cents > 0:
                account_id = self.traders[deed.shopper % len(self.traders)]
                variant_id = int(self.sizes.variant_id[size])
                orders.append(StandingOrder(variant_id, account_id, cents, deed.at, expires_at))
        return orders


def _moment(epoch_s: float) -> datetime:
    return datetime.fromtimestamp(epoch_s, UTC)
