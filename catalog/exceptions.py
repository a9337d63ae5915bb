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


class QuoteMoved(OrderRefused):
    """The price is worse than the one that the buyer saw; nothing was charged."""

    code = "quote_moved"

    def __init__(self, *, seen_price_cents: int, price_cents: int) -> None:
        super().__init__(f"The price moved from {seen_price_cents} to {price_cents} minor units.")
        self.seen_price_cents = seen_price_cents
        self.price_cents = price_cents


class SelfTrade(OrderRefused):
    """The only ask is the buyer's own."""

    code = "self_trade"


class IdempotencyKeyReused(OrderRefused):
    """The key already belongs to an order with other content."""

    code = "idempotency_key_reused"


class SeedRefused(CatalogError):
    """The shop holds products that the demo catalogue would mix with; the message says what to do."""

    code = "seed_refused"
