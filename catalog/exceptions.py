"""What the market refuses, each with a stable code."""


class CatalogError(Exception):
    """Base of this package's errors; `code` is what logs, pages and metrics name."""

    code = "catalog_error"


class OrderRefused(CatalogError):
    """Base of everything that turns an order away; nothing was charged."""

    code = "order_refused"


class OrderRejected(OrderRefused):
    """The order itself is wrong; the message names the field and the fix."""

    code = "order_rejected"


class DropNotOpen(OrderRefused):
    """The product is announced and not released yet."""

    code = "drop_not_open"


class AskGone(OrderRefused):
    """Nobody asks any more, and the house does not sell it."""

    code = "ask_gone"


class BidGone(OrderRefused):
    """Nobody bids any more."""

    code = "bid_gone"


class SoldOut(OrderRefused):
    """Every piece of a drop is sold, and nobody else asks."""

    code = "sold_out"


class LimitReached(OrderRefused):
    """The account has all the pieces of a drop that one account may have."""

    code = "limit_reached"


class QuoteMoved(OrderRefused):
    """The price is worse than the one that the buyer saw; nothing was charged."""

    code = "quote_moved"

    def __init__(self, *, seen_price_cents: int, price_cents: int) -> None:
        super().__init__(f"The price moved from {seen_price_cents} to {price_cents} minor units.")
        self.seen_price_cents = seen_price_cents
        self.price_cents = price_cents


class FeesMoved(OrderRefused):
    """The fees are not those that the page showed; nothing was charged."""

    code = "fees_moved"


class SelfTrade(OrderRefused):
    """Only the account's own ask or bid would serve."""

    code = "self_trade"


class IdempotencyKeyReused(OrderRefused):
    """The key already belongs to an order with other content."""

    code = "idempotency_key_reused"


class CommandInProgress(OrderRefused):
    """A command with the same key is under way."""

    code = "command_in_progress"


class AccountSuspended(OrderRefused):
    """The account may not trade at present."""

    code = "account_suspended"


class OrderClosed(OrderRefused):
    """The bid or ask to be changed was met or cancelled, or ran out."""

    code = "order_closed"


class UnknownOrder(OrderRefused):
    """There is no such order, or it is somebody else's."""

    code = "unknown_order"


class IllegalTransition(OrderRefused):
    """The order stands where nobody in that role may move it so."""

    code = "illegal_transition"


class PaymentUnanswered(CatalogError):
    """Whether the provider did what it was asked is not known; the same key is asked again."""

    code = "payment_unanswered"


class PaymentMisused(CatalogError):
    """The provider was asked for what makes no sense; the message names the field."""

    code = "payment_misused"


class PaymentAnswered(CatalogError):
    """The request has its answer already: there is nothing to end."""

    code = "payment_answered"


class PaymentUnderWay(CatalogError):
    """The provider is being asked at this moment: its answer comes first."""

    code = "payment_under_way"


class DropRefused(CatalogError):
    """A drop cannot be announced or changed so; the message names the field and the fix."""

    code = "drop_refused"


class WatchlistFull(CatalogError):
    """The account watches as many products as a list holds."""

    code = "watchlist_full"


class SeedRefused(CatalogError):
    """The shop holds products that the demo catalogue would mix with; the message says what to do."""

    code = "seed_refused"


# What the market's functions refuse with, by code; QuoteMoved alone carries prices instead of words.
REFUSED: dict[str, type[OrderRefused]] = {
    error.code: error
    for error in (
        OrderRejected,
        DropNotOpen,
        AskGone,
        BidGone,
        SoldOut,
        LimitReached,
        SelfTrade,
        IdempotencyKeyReused,
        CommandInProgress,
        AccountSuspended,
        OrderClosed,
    )
}
