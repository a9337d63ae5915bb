"""PURE price-time matching: a size's book and what comes in -> a trade, a standing order, or a refusal.

The specification of the market: `migrations/sql` does the same in the database, and tests hold the one to the other.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Side(StrEnum):
    """Of the book."""

    BID = "bid"
    ASK = "ask"


class Reason(StrEnum):
    """Why nothing happens; the codes of `catalog.exceptions`."""

    ASK_GONE = "ask_gone"
    BID_GONE = "bid_gone"
    SOLD_OUT = "sold_out"
    SELF_TRADE = "self_trade"
    QUOTE_MOVED = "quote_moved"
    LIMIT_REACHED = "limit_reached"


@dataclass(frozen=True, slots=True)
class Standing:
    """A bid or an ask in the book: one piece at a limit, in minor units.

    `account` is None for the house, `expires_at` for what does not run out, `drop` for what is no drop's piece.
    """

    id: int
    side: Side
    account: int | None
    price_cents: int
    placed_at: datetime
    expires_at: datetime | None = None
    drop: int | None = None

    def is_open(self, at: datetime) -> bool:
        """Whether it may still be met at that moment."""
        return self.expires_at is None or self.expires_at > at

    @property
    def rank(self) -> tuple[int, datetime, int]:
        """The smaller, the earlier it is served: by price, then by time, then by id."""
        return (self.price_cents if self.side is Side.ASK else -self.price_cents, self.placed_at, self.id)


@dataclass(frozen=True, slots=True)
class Book:
    """One size: what stands in it, the house's price where it has one, and whether a drop brought pieces of it."""

    standing: frozenset[Standing] = frozenset()
    house_price_cents: int | None = None
    is_of_drop: bool = False

    def open(self, side: Side, at: datetime) -> list[Standing]:
        """One side at that moment, best first."""
        return sorted(
            (order for order in self.standing if order.side is side and order.is_open(at)), key=lambda order: order.rank
        )

    def best(self, side: Side, at: datetime, *, other_than: int | None = None) -> Standing | None:
        """Who is served first on a side, by anybody, or by all but one account."""
        found = self.open(side, at)
        if other_than is not None:
            found = [order for order in found if order.account != other_than]
        return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Fill:
    """A trade at the standing order's price; `met` is None where the house sold at its own."""

    met: Standing | None
    price_cents: int


@dataclass(frozen=True, slots=True)
class Rests:
    """It stands in the book."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing happens; a moved quote tells the price there is."""

    reason: Reason
    price_cents: int | None = None


def place(
    book: Book, side: Side, account: int, limit_cents: int, at: datetime, *, enough: Iterable[int] = ()
) -> Fill | Rests | Refused:
    """What becomes of a new bid or ask, or of one with a new price.

    It meets the best order of somebody else where their limits cross. It is refused where it would cross only one's
    own, so that no book ever stands crossed.

    Args:
        book: of its size; an edited order is not in it.
        side: which side it comes in on.
        account: whose it is.
        limit_cents: the most that it pays or the least that it takes, in minor units.
        at: when it came.
        enough: the drops of which this account has all the pieces that it may have.
    """
    offer = _offer(book, side, account, at)
    if offer is not None and _is_met(side, limit_cents, offer.price_cents):
        return _if_allowed(offer, enough)
    own = [order for order in book.open(_other(side), at) if order.account == account]
    if any(_is_met(side, limit_cents, order.price_cents) for order in own):
        return Refused(Reason.SELF_TRADE)
    return Rests()


def take(
    book: Book, side: Side, account: int, seen_cents: int, at: datetime, *, enough: Iterable[int] = ()
) -> Fill | Refused:
    """What becomes of a Buy Now (side BID) or a Sell Now (side ASK).

    Args:
        book, side, account, at, enough: as for `place`.
        seen_cents: the price that the account agreed to; a worse one refuses, a better one is taken.
    """
    offer = _offer(book, side, account, at)
    if offer is not None:
        if not _is_met(side, seen_cents, offer.price_cents):
            return Refused(Reason.QUOTE_MOVED, offer.price_cents)
        return _if_allowed(offer, enough)
    if book.best(_other(side), at) is not None:
        return Refused(Reason.SELF_TRADE)
    if side is Side.ASK:
        return Refused(Reason.BID_GONE)
    return Refused(Reason.SOLD_OUT if book.is_of_drop else Reason.ASK_GONE)


def _offer(book: Book, side: Side, account: int, at: datetime) -> Fill | None:
    """What the other side has for this account: the best of somebody else, or the house where nobody else asks."""
    best = book.best(_other(side), at, other_than=account)
    if best is not None:
        return Fill(best, best.price_cents)
    if side is Side.BID and book.house_price_cents is not None:
        return Fill(None, book.house_price_cents)
    return None


def _if_allowed(offer: Fill, enough: Iterable[int]) -> Fill | Refused:
    if offer.met is not None and offer.met.drop is not None and offer.met.drop in enough:
        return Refused(Reason.LIMIT_REACHED)
    return offer


def _is_met(side: Side, limit_cents: int, price_cents: int) -> bool:
    return price_cents <= limit_cents if side is Side.BID else price_cents >= limit_cents


def _other(side: Side) -> Side:
    return Side.ASK if side is Side.BID else Side.BID
