"""An account's own bids and asks, and what each of them is worth saying of."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Case, Q, QuerySet, Value, When

from catalog import conf
from catalog.models import Ask, Bid, Product, Quote
from storefront.accounts.models import User
from storefront.deals import Deed

OPEN, EXPIRED = "open", "expired"
MOST_OWN = 12
ENDS_SOON = timedelta(days=1)
_OWN = ("pk", "deed", "variant__size", "price_cents", "variant__position")
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
    variant_id: int
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
    def is_ending(self) -> bool:
        """Whether it runs out within a day."""
        return self.is_open and self.expires_at is not None and self.expires_at - conf.now() < ENDS_SOON

    @property
    def is_best(self) -> bool:
        """Whether nobody offers better on this side."""
        return self.is_open and self.best_cents == self.price_cents


@dataclass(frozen=True, slots=True)
class Own:
    """A bid or an ask of somebody's that stands for one size of the product they look at."""

    pk: int
    deed: Deed
    size: str
    price_cents: int


def own_on(account: User, product: Product) -> list[Own]:
    """What an account has standing on a product, bids first; one query, at most `MOST_OWN`."""
    alive = Q(status=OPEN, variant__product=product) & (Q(expires_at=None) | Q(expires_at__gt=conf.now()))
    bids = Bid.objects.filter(alive, buyer=account).annotate(deed=Value(Deed.BID.value)).values_list(*_OWN)
    asks = Ask.objects.filter(alive, seller=account).annotate(deed=Value(Deed.ASK.value)).values_list(*_OWN)
    rows = bids.union(asks, all=True).order_by("-deed", "variant__position", "pk")[:MOST_OWN]
    return [Own(pk, Deed(deed), size, price_cents) for pk, deed, size, price_cents, _ in rows]


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
        variant_id=standing.variant_id,
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
