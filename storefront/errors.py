"""The one table from an error's code to the HTTP status of its page and the words that the shopper reads."""

from dataclasses import dataclass

from catalog.exceptions import (
    AccountSuspended,
    AskGone,
    BidGone,
    CommandInProgress,
    DropNotOpen,
    FeesMoved,
    IdempotencyKeyReused,
    IllegalTransition,
    LimitReached,
    OrderClosed,
    OrderRefused,
    OrderRejected,
    QuoteMoved,
    SelfTrade,
    SoldOut,
    UnknownOrder,
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
    FeesMoved.code: Refusal(409, "Our fees have changed since. Have a look at the amounts before you decide."),
    BidGone.code: Refusal(409, "Somebody was faster: nobody bids for this size any more."),
    SoldOut.code: Refusal(409, "Sold out: every piece of this drop is gone, and nobody asks for one yet."),
    LimitReached.code: Refusal(409, "You have as many pieces of this drop as one account may have."),
    SelfTrade.code: Refusal(409, "That order would meet nobody's but your own."),
    OrderClosed.code: Refusal(409, "It is no longer open: it was met or cancelled, or it ran out."),
    AccountSuspended.code: Refusal(403, "This account may not trade at present. Write to us if you think it should."),
    IdempotencyKeyReused.code: Refusal(409, "This order was already sent with other contents. Choose again."),
    UnknownOrder.code: Refusal(404, "There is no such order."),
    IllegalTransition.code: Refusal(409, "That is not possible any more. Look at where the order stands."),
    CommandInProgress.code: Refusal(409, "This order is on its way already. Look again in a moment."),
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
