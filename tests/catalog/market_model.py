"""The market in memory: books kept by what catalog/matching.py decides, which foretell the database's answers."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from catalog.matching import Book, Fill, Refused, Rests, Side, Standing, place, take

TAKING = {"buy_now": Side.BID, "sell_now": Side.ASK}


@dataclass(frozen=True, slots=True)
class Asked:
    """A command as a test sends it; `target` is a size to place or take, an order to edit or cancel."""

    kind: str
    account: int
    target: int
    key: UUID
    price_cents: int = 0
    days: int = 0

    @property
    def side(self) -> Side:
        return TAKING.get(self.kind) or Side(self.kind[-3:])

    @property
    def is_change(self) -> bool:
        return self.kind.startswith(("edit", "cancel"))


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a command, without the ids that the database gives."""

    refused: str | None = None
    moved_to: int | None = None
    traded_at_cents: int | None = None
    met: int | None = None


@dataclass(slots=True)
class MarketModel:
    """Books by size; who is suspended; how many pieces of each drop an account has, and may have."""

    books: dict[int, Book]
    limits: dict[int, int] = field(default_factory=dict)
    pieces: dict[tuple[int, int], int] = field(default_factory=dict)
    suspended: set[int] = field(default_factory=set)
    owners: dict[tuple[Side, int], tuple[int, int]] = field(default_factory=dict)
    kept: dict[tuple[int, UUID], tuple[Asked, Answer]] = field(default_factory=dict)

    def ask(self, asked: Asked, at: datetime) -> Answer:
        """Foretell a command's answer; nothing changes until `note`."""
        earlier = self.kept.get((asked.account, asked.key))
        if earlier is not None:
            return earlier[1] if earlier[0] == asked else Answer("idempotency_key_reused")
        if asked.account in self.suspended and not asked.kind.startswith("cancel"):
            return Answer("account_suspended")
        if not asked.is_change:
            return self._decide(asked, self.books[asked.target], at)
        size, owner = self.owners.get((asked.side, asked.target), (None, None))
        if size is None or owner != asked.account:
            return Answer("order_rejected")
        standing = self._standing(asked.side, asked.target)
        if standing is None or not standing.is_open(at):
            return Answer("order_closed")
        if asked.kind.startswith("cancel"):
            return Answer()
        book = self.books[size]
        return self._decide(asked, replace(book, standing=book.standing - {standing}), at)

    def note(self, asked: Asked, at: datetime, answer: Answer, order_id: int | None) -> None:
        """Take over what the command did; `order_id` is the bid or ask that it placed, if it did."""
        if (
            answer.refused in {"idempotency_key_reused", "command_in_progress"}
            or (asked.account, asked.key) in self.kept
        ):
            return
        self.kept[asked.account, asked.key] = (asked, answer)
        if answer.refused:
            return
        size = self.owners[asked.side, asked.target][0] if asked.is_change else asked.target
        before = self._standing(asked.side, asked.target) if asked.is_change else None
        gone = {order for order in self.books[size].standing if order.id == answer.met and order.side is not asked.side}
        self._change(size, gone={*gone, *filter(None, [before])})
        for met in gone:
            buyer = asked.account if asked.side is Side.BID else met.account
            if met.drop is not None and buyer is not None:
                self.pieces[buyer, met.drop] = self.pieces.get((buyer, met.drop), 0) + 1
        if asked.kind.startswith(("cancel", *TAKING)):
            return
        order = order_id or asked.target
        self.owners[asked.side, order] = (size, asked.account)
        if answer.traded_at_cents is None:
            placed_at = before.placed_at if before and before.price_cents == asked.price_cents else at
            until = at + timedelta(days=asked.days)
            standing = Standing(order, asked.side, asked.account, asked.price_cents, placed_at, until)
            self._change(size, new={standing})

    def stock(self, size: int, price_cents: int, drop: int, at: datetime) -> tuple[int, int] | None:
        """One piece of a drop comes: the bid that gets it and its price, or None where it stands."""
        while (best := self.books[size].best(Side.BID, at)) is not None and best.price_cents >= price_cents:
            self._change(size, gone={best})
            if best.account is not None and drop not in self.enough(best.account):
                self.pieces[best.account, drop] = self.pieces.get((best.account, drop), 0) + 1
                return best.id, best.price_cents
        return None

    def note_stock(self, size: int, piece: Standing) -> None:
        self._change(size, new={piece})

    def expire(self, at: datetime) -> int:
        """Take out what ran out; how many that were."""
        n = 0
        for size, book in self.books.items():
            over = {order for order in book.standing if not order.is_open(at)}
            self._change(size, gone=over)
            n += len(over)
        return n

    def suspend(self, account: int) -> None:
        self.suspended.add(account)
        for size, book in self.books.items():
            self._change(size, gone={order for order in book.standing if order.account == account})

    def enough(self, account: int) -> set[int]:
        """The drops of which the account has all that it may have."""
        return {drop for drop, limit in self.limits.items() if self.pieces.get((account, drop), 0) >= limit}

    def _decide(self, asked: Asked, book: Book, at: datetime) -> Answer:
        decide = take if asked.kind in TAKING else place
        found: Fill | Rests | Refused = decide(
            book, asked.side, asked.account, asked.price_cents, at, enough=self.enough(asked.account)
        )
        if isinstance(found, Refused):
            return Answer(found.reason.value, found.price_cents)
        if isinstance(found, Rests):
            return Answer()
        return Answer(traded_at_cents=found.price_cents, met=found.met.id if found.met else None)

    def _standing(self, side: Side, order_id: int) -> Standing | None:
        size = self.owners[side, order_id][0]
        return next((one for one in self.books[size].standing if one.side is side and one.id == order_id), None)

    def _change(self, size: int, *, gone: Iterable[Standing] = (), new: Iterable[Standing] = ()) -> None:
        book = self.books[size]
        self.books[size] = replace(book, standing=book.standing.difference(gone).union(new))


def answer_of(asked: Asked, outcome: dict[str, Any]) -> Answer:
    """The database's own outcome as an answer."""
    if "refused" in outcome:
        return Answer(outcome["refused"], outcome.get("now"))
    if outcome.get("trade") is None:
        return Answer()
    return Answer(traded_at_cents=outcome["price"], met=outcome["ask" if asked.side is Side.BID else "bid"])
