"""The two pages before a deed on the market: the desk of a size, and the review with its money."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from catalog.dropping import opening_of
from catalog.exceptions import AskGone, BidGone, CommandInProgress, OrderRefused, QuoteMoved
from catalog.models import Ask, Bid, Variant
from catalog.payments.methods import list_methods
from catalog.services import Placed, renew_quote
from storefront.deals import Best, Deed, Review, amounts_of, best_prices, review_of
from storefront.drop_page import is_to_come
from storefront.errors import Refusal, refusal_of
from storefront.forms import LimitForm
from storefront.world import current_world

# What a quote is behind of: bids and asks run out while nobody trades. The other refusals leave quotes as they are.
MAY_BE_STALE = (AskGone, BidGone, QuoteMoved)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a shopper wants to do with a size: the deed, and the standing bid or ask that it changes, if any."""

    deed: Deed
    variant: Variant
    standing: Bid | Ask | None = None

    @property
    def changes(self) -> int | None:
        return None if self.standing is None else self.standing.pk

    @property
    def address(self) -> str:
        """Where the last click is sent."""
        if self.standing is not None:
            return reverse("my-bid" if self.deed.is_buying else "my-ask", args=[self.standing.pk])
        return reverse(self.deed.value, args=[self.variant.product.slug])


def show_desk(
    request: HttpRequest,
    wanted: Wanted,
    *,
    form: LimitForm | None = None,
    refusal: Refusal | None = None,
    best: Best | None = None,
) -> HttpResponse:
    """The desk: what buying or selling at once comes to, and the form for a price of one's own.

    Args:
        request: whose own bids and asks do not count.
        wanted: the size and the side.
        form: as it was sent, with its faults; None for a fresh one.
        refusal: what was turned away, told above.
        best: what others ask and bid, where it was read before.
    """
    deed, variant = wanted.deed, wanted.variant
    best = best or best_prices(variant, account_id=request.user.pk)
    price_cents = best.price_of(deed)
    context: dict[str, Any] = {
        "wanted": wanted,
        "deed": deed,
        "limit_deed": deed.counterpart if deed.is_at_once else deed,
        "product": variant.product,
        "variant": variant,
        "best": best,
        "opens_at": opening_of(variant.product) if is_to_come(variant.product, settings.CLOCK.now()) else None,
        "price_cents": price_cents,
        "amounts": amounts_of(price_cents),
        "form": form or LimitForm(initial=_initial(wanted)),
        "refusal": refusal,
    }
    return render(request, "market/desk.html", context, status=refusal.status if refusal else 200)


def show_review(
    request: HttpRequest,
    wanted: Wanted,
    best: Best,
    *,
    price_cents: int,
    days: int | None = None,
    refusal: Refusal | None = None,
    key: UUID | None = None,
) -> HttpResponse:
    """The review: everything that the last click will do, and its key.

    Args:
        request: the shopper's.
        wanted: the deed.
        best: the prices of others, as they are now.
        price_cents: the price that the click agrees to, or the limit.
        days: for a bid or an ask.
        refusal: what the click before was told.
        key: of the click before, where it may still be under way; None for a new one.
    """
    review: Review = review_of(
        wanted.deed, wanted.variant, best, price_cents=price_cents, days=days, changes=wanted.changes
    )
    context = {
        "review": review,
        "wanted": wanted,
        "deed": review.deed,
        "product": wanted.variant.product,
        "variant": wanted.variant,
        "amounts": review.amounts,
        "typed_price": _typed(price_cents),
        "best": best,
        "methods": list_methods(cast("int", request.user.pk)) if wanted.deed.is_buying else (),
        "idempotency_key": key or uuid4(),
        "refusal": refusal,
        # What is under way may have used the limit up itself: its own click is asked for once more.
        "used_up": None if key else review.used_up,
    }
    return render(request, "market/review.html", context, status=refusal.status if refusal else 200)


def show_refused(
    request: HttpRequest, wanted: Wanted, error: OrderRefused, *, price_cents: int, days: int | None, key: UUID
) -> HttpResponse:
    """The review once more, with the reason and the prices of now; the desk where nothing is left to take.

    Args:
        request: the shopper's.
        wanted: what was refused.
        error: why.
        price_cents: the price that was agreed to, or the limit.
        days: for a bid or an ask.
        key: the click's; kept only where its command is still under way, because a key keeps its refusal.
    """
    variant = wanted.variant
    if isinstance(error, MAY_BE_STALE):
        # What the page shows next must be what the book says.
        renew_quote(variant_id=variant.pk)
    refusal = refusal_of(error, current_world().currency)
    best = best_prices(variant, account_id=request.user.pk)
    is_under_way = isinstance(error, CommandInProgress)
    if wanted.deed.is_at_once and not is_under_way:
        standing = best.price_of(wanted.deed)
        if standing is None:
            return show_desk(request, wanted, refusal=refusal, best=best)
        price_cents = standing
    return show_review(
        request, wanted, best, price_cents=price_cents, days=days, refusal=refusal, key=key if is_under_way else None
    )


def landing(deed: Deed, placed: Placed) -> str:
    """Where a deed that was done leads: to its order, or to the bid or ask that stands."""
    if placed.order_id is not None:
        return f"{reverse('order' if deed.is_buying else 'sale', args=[placed.order_id])}?new=1"
    if deed.is_buying:
        return f"{reverse('my-bids')}?new={placed.bid_id}"
    return f"{reverse('my-asks')}?new={placed.ask_id}"


def _initial(wanted: Wanted) -> dict[str, str]:
    if wanted.standing is None:
        return {}
    return {"price": _typed(wanted.standing.price_cents)}


def _typed(cents: int) -> str:
    """A price as one would type it."""
    whole, rest = divmod(cents, 100)
    return f"{whole}.{rest:02}" if rest else str(whole)
