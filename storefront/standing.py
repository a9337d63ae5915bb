"""An account's own bids and asks, and what each of them is worth saying of."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Case, QuerySet, When

from catalog import conf
from catalog.models import Ask, Bid, Product, Quote
from storefront.accounts.models import User

OPEN, EXPIRED = "open", "expired"
_OPEN_FIRST = Case(When(status=OPEN, then=0), default=1)
_PRODUCT = ("variant__product__brand", "variant__product__category", "variant__product__drop")
_SHOWN = (*_PRODUCT, "variant__quote", "trade__order")


@dataclass(frozen=True, slots=True)
class Standing:
    """One bid or ask of somebody's.

    Attributes:
        status: `open`, `filled`, `sold`, `cancelled` or `expired`; what ran out is expired before a sweep saw it.
        best_cents: the best price on its own side of the book; equal to its own where none is better.
        opposite_cents: the best price of the other side.
        order_id: of the trade it made, if it did.
        cancel_key: what the button that cancels it sends.
    """

    pk: int
    product: Product
    size: str
    price_cents: int
    status: str
    placed_at: datetime
    expires_at: datetime | None
    best_cents: int | None
    opposite_cents: int | None
    order_id: int | None
    cancel_key: UUID = field(default_factory=uuid4)

    @property
    def is_open(self) -> bool:
        return self.status == OPEN

    @property
    def is_best(self) -> bool:
        """Whether nobody offers better on this side."""
        return self.is_open and self.best_cents == self.price_cents


def bids_of(account: User) -> QuerySet[Bid]:
    """An account's bids, what stands first, then the newest; with all that a list of them shows."""
    return Bid.objects.filter(buyer=account).select_related(*_SHOWN).order_by(_OPEN_FIRST, "-placed_at", "-id")


def asks_of(account: User) -> QuerySet[Ask]:
    """An account's asks, as `bids_of` its bids."""
    return Ask.objects.filter(seller=account).select_related(*_SHOWN).order_by(_OPEN_FIRST, "-placed_at", "-id")


def describe(standing: Bid | Ask) -> Standing:
    """What a list says of a bid or an ask; no query for one that `bids_of` or `asks_of` found."""
    quote = _quote(standing)
    sides = (quote.highest_bid_cents, quote.lowest_ask_cents) if quote else (None, None)
    best_cents, opposite_cents = sides if isinstance(standing, Bid) else sides[::-1]
    has_run_out = standing.expires_at is not None and standing.expires_at <= conf.now()
    return Standing(
        pk=standing.pk,
        product=standing.variant.product,
        size=standing.variant.size,
        price_cents=standing.price_cents,
        status=EXPIRED if standing.status == OPEN and has_run_out else standing.status,
        placed_at=standing.placed_at,
        expires_at=standing.expires_at,
        best_cents=best_cents,
        opposite_cents=opposite_cents,
        order_id=_order_id(standing),
    )


def _quote(standing: Bid | Ask) -> Quote | None:
    try:
        return standing.variant.quote
    except ObjectDoesNotExist:
        return None


def _order_id(standing: Bid | Ask) -> int | None:
    try:
        return standing.trade.order.pk
    except ObjectDoesNotExist:
        return None
