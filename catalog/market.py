"""One call of the database's market: a command in, its outcome or the error that it stands for out."""

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any
from uuid import UUID

from psycopg.types.numeric import Int4, Int8

from catalog import conf
from catalog.calling import call_market
from catalog.exceptions import REFUSED, OrderRejected, QuoteMoved
from catalog.fees import FeeTable


@dataclass(frozen=True, slots=True)
class Placed:
    """What a command left: a bid or an ask that stands, or the trade and the order that it made.

    `price_cents` is the trade's price, or the limit of what stands; `placed_at` is when the key's first command came.
    """

    bid_id: int | None
    ask_id: int | None
    trade_id: int | None
    order_id: int | None
    price_cents: int
    expires_at: datetime | None
    placed_at: datetime


@dataclass(frozen=True, slots=True)
class Command:
    """What an account asks of the market; `content` is what its key stands for."""

    kind: str
    account_id: int
    idempotency_key: UUID
    target_id: int
    price_cents: int | None = None
    expires_at: datetime | None = None
    expires_in_days: int | None = None

    def content(self) -> bytes:
        told = f"{self.kind} {self.target_id} {self.price_cents or ''} {self.expires_in_days or ''}"
        return sha256(told.encode()).digest()


def carry_out(command: Command, at: datetime) -> dict[str, Any]:
    """Have a command done, in one round trip; without an open transaction it is one of its own.

    Args:
        command: checked for what needs no database.
        at: when it came, aware.

    Returns:
        The outcome, new or the one that the key has already: `bid`, `ask`, `trade`, `order`, `price`, `until`, `at`.

    Raises:
        OrderRefused: whatever the market refuses; the refusal is kept with the key.
    """
    told: str = call_market(
        "market_command",
        command.kind,
        Int8(command.account_id),
        command.idempotency_key,
        command.content(),
        Int8(command.target_id),
        None if command.price_cents is None else Int4(command.price_cents),
        command.expires_at,
        at,
        told_fees(),
    )
    return read_outcome(told)


def told_fees() -> str:
    """The table of fees, as the database reads its type `market_fees`."""
    return _told_fees(conf.fees())


@lru_cache(maxsize=8)
def _told_fees(fees: FeeTable) -> str:
    return (
        f"({fees.processing_share},{fees.processing_min_cents},{fees.shipping_cents},"
        f"{fees.seller_share},{fees.seller_min_cents})"
    )


def read_outcome(text: str) -> dict[str, Any]:
    """An outcome as the market function returned it.

    Raises:
        OrderRefused: it is a refusal.
    """
    outcome: dict[str, Any] = json.loads(text)
    code = outcome.get("refused")
    if code is None:
        return outcome
    if code == QuoteMoved.code:
        raise QuoteMoved(seen_price_cents=outcome["seen"], price_cents=outcome["now"])
    raise REFUSED.get(code, OrderRejected)(outcome["words"])


def placed(outcome: dict[str, Any]) -> Placed:
    """What an accepted command left."""
    until = outcome.get("until")
    return Placed(
        bid_id=outcome.get("bid"),
        ask_id=outcome.get("ask"),
        trade_id=outcome.get("trade"),
        order_id=outcome.get("order"),
        price_cents=outcome["price"],
        expires_at=datetime.fromisoformat(until) if until else None,
        placed_at=datetime.fromisoformat(outcome["at"]),
    )
