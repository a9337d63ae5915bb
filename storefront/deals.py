"""What a shopper is about to do on the market, with its money: what a size offers, and the review of a deed."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from catalog import book, conf
from catalog.dropping import Allowance, allowance_of, drop_of
from catalog.exceptions import FeesMoved
from catalog.fees import Amounts
from catalog.models import MarketCommand, Product, Variant


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
    """The best prices of others for one size, in minor units; the house's own price counts where nobody asks.

    `allowance` tells of the drop whose piece the lowest ask is, and is None where it is none or a stranger looks.
    """

    ask_cents: int | None
    bid_cents: int | None
    allowance: Allowance | None = None

    @property
    def used_up(self) -> Allowance | None:
        """The limit that keeps the shopper from the lowest ask; None where nothing does."""
        return self.allowance if self.allowance and self.allowance.is_used_up else None

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
        used_up: the limit that keeps the shopper from it: it would buy a piece of a drop, and they have all they may.
    """

    deed: Deed
    product: Product
    variant: Variant
    price_cents: int
    days: int | None
    meets_cents: int | None
    amounts: Amounts
    changes: int | None = None
    used_up: Allowance | None = None

    @property
    def choice(self) -> str:
        """What is sent back: the size and the price that was seen."""
        return f"{self.variant.pk}:{self.price_cents}"

    @property
    def terms(self) -> str:
        """What is sent back for the fees that were seen."""
        return conf.fees().terms


def best_prices(variant: Variant, *, account_id: int | None) -> Best:
    """What others ask and bid for a size; one query, and one more where the lowest ask is a piece of a drop.

    Args:
        variant: the size, with its product and that one's drop.
        account_id: whose own orders do not count, and whose pieces of a drop do; None for a stranger.
    """
    best = book.best_prices(variant.pk, not_by=account_id or 0)
    if best.ask_cents is None:
        return Best(variant.product.house_price_cents, best.bid_cents)
    drop = drop_of(variant.product) if best.drop_id else None
    allowance = allowance_of(drop, account_id=account_id) if drop and account_id else None
    return Best(best.ask_cents, best.bid_cents, allowance)


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
    buys_at_once = deed is Deed.BUY or (deed is Deed.BID and meets_cents is not None)
    used_up = best.used_up if buys_at_once else None
    return Review(deed, variant.product, variant, price_cents, days, meets_cents, amounts, changes, used_up)


def amounts_of(price_cents: int | None) -> Amounts | None:
    """The money of a trade at a price; None without one."""
    return None if price_cents is None else conf.fees().amounts(price_cents)


def require_terms(terms: str, *, account_id: int, idempotency_key: UUID) -> None:
    """Refuse a click whose review showed other fees than an order would have now.

    Args:
        terms: those of the review; empty where the page sent none.
        account_id: who clicked.
        idempotency_key: the click's; one that was carried out before gets its outcome, whatever the fees are now.

    Raises:
        FeesMoved: the fees are others.
    """
    if terms in {"", conf.fees().terms}:
        return
    if not MarketCommand.objects.filter(account=account_id, idempotency_key=idempotency_key).exists():
        raise FeesMoved("terms: the fees have changed since the review; look at the amounts again.")


def _met(deed: Deed, limit_cents: int, best: Best) -> int | None:
    """The resting order's price, where the limit reaches it."""
    standing = best.price_of(deed)
    if standing is None:
        return None
    is_reached = standing <= limit_cents if deed.is_buying else standing >= limit_cents
    return standing if is_reached else None
