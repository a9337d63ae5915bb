"""What a shopper is about to do on the market, with its money: what a size offers, and the review of a deed."""

from dataclasses import dataclass
from enum import StrEnum

from catalog import book, conf
from catalog.fees import Amounts
from catalog.models import Product, Variant


class Deed(StrEnum):
    """The four things that one does with a size."""

    BUY = "buy"
    BID = "bid"
    SELL = "sell"
    ASK = "ask"

    @property
    def is_buying(self) -> bool:
        """Whether one pays; else one is paid."""
        return self in {Deed.BUY, Deed.BID}

    @property
    def is_at_once(self) -> bool:
        """Whether it takes what stands, at its price, instead of naming one."""
        return self in {Deed.BUY, Deed.SELL}

    @property
    def counterpart(self) -> "Deed":
        """The other way of buying, or of selling."""
        return {Deed.BUY: Deed.BID, Deed.BID: Deed.BUY, Deed.SELL: Deed.ASK, Deed.ASK: Deed.SELL}[self]


@dataclass(frozen=True, slots=True)
class Best:
    """The best prices of others for one size, in minor units; the house's own price counts where nobody asks."""

    ask_cents: int | None
    bid_cents: int | None

    def price_of(self, deed: Deed) -> int | None:
        """What buying, or selling, at once costs or brings."""
        return self.ask_cents if deed.is_buying else self.bid_cents


@dataclass(frozen=True, slots=True)
class Review:
    """One deed in full, as the shopper confirms it.

    Attributes:
        price_cents: the price seen, or the limit named.
        days: how long a bid or an ask stands; None for what is done at once.
        meets_cents: the price at which the limit trades at once, as the book stands; None where it does not.
        amounts: the money of a trade at `meets_cents`, or else at `price_cents`.
        changes: the bid or ask that gets a new price; None for a new one.
    """

    deed: Deed
    product: Product
    variant: Variant
    price_cents: int
    days: int | None
    meets_cents: int | None
    amounts: Amounts
    changes: int | None = None

    @property
    def choice(self) -> str:
        """What is sent back: the size and the price that was seen."""
        return f"{self.variant.pk}:{self.price_cents}"


def best_prices(variant: Variant, *, account_id: int | None) -> Best:
    """What others ask and bid for a size; one query.

    Args:
        variant: the size, with its product.
        account_id: whose own orders do not count; None for a stranger.
    """
    ask_cents, bid_cents = book.best_prices(variant.pk, not_by=account_id or 0)
    return Best(variant.product.house_price_cents if ask_cents is None else ask_cents, bid_cents)


def review_of(
    deed: Deed, variant: Variant, best: Best, *, price_cents: int, days: int | None = None, changes: int | None = None
) -> Review:
    """Put a deed and its money together.

    Args:
        deed: what is to be done.
        variant: the size, with its product.
        best: the prices of others.
        price_cents: the price seen or the limit named, above 0.
        days: for a bid or an ask.
        changes: the bid or ask that it changes.
    """
    meets_cents = None if deed.is_at_once else _met(deed, price_cents, best)
    amounts = conf.fees().amounts(price_cents if meets_cents is None else meets_cents)
    return Review(deed, variant.product, variant, price_cents, days, meets_cents, amounts, changes)


def amounts_of(price_cents: int | None) -> Amounts | None:
    """The money of a trade at a price; None without one."""
    return None if price_cents is None else conf.fees().amounts(price_cents)


def _met(deed: Deed, limit_cents: int, best: Best) -> int | None:
    """The resting order's price, where the limit reaches it."""
    standing = best.price_of(deed)
    if standing is None:
        return None
    is_reached = standing <= limit_cents if deed.is_buying else standing >= limit_cents
    return standing if is_reached else None
