"""The one table from an error's code to the HTTP status of its page and the words that the shopper reads."""

from dataclasses import dataclass

from catalog.exceptions import (
    AskGone,
    DropNotOpen,
    IdempotencyKeyReused,
    OrderRefused,
    OrderRejected,
    QuoteMoved,
    SelfTrade,
)
from catalog.money import Money


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a refused order is told; `words` ends the story, nothing was charged."""

    status: int
    words: str


REFUSALS: dict[str, Refusal] = {
    OrderRejected.code: Refusal(400, "That order could not be read. Choose a size and try again."),
    DropNotOpen.code: Refusal(409, "It is not out yet. Come back on the day of its drop."),
    AskGone.code: Refusal(409, "Somebody was faster: nobody asks for this size any more."),
    QuoteMoved.code: Refusal(409, "The price moved from {seen} to {now}. Have a look before you decide."),
    SelfTrade.code: Refusal(409, "The only ask for this size is your own."),
    IdempotencyKeyReused.code: Refusal(409, "This order was already sent with another size. Choose again."),
}


def refusal_of(error: OrderRefused, currency: str) -> Refusal:
    """The status and words for an error.

    Args:
        error: what the market refused.
        currency: the world's, for prices in the words.
    """
    found = REFUSALS[error.code]
    if not isinstance(error, QuoteMoved):
        return found
    seen, now = Money(error.seen_price_cents, currency), Money(error.price_cents, currency)
    return Refusal(found.status, found.words.format(seen=seen, now=now))
