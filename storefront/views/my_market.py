"""My bids and my asks: what stands and what became of the rest; edit and cancel."""

from typing import cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog import services
from catalog.exceptions import OrderRefused
from catalog.models import Ask, Bid
from recommendations.events.middleware import ShopperRequest
from storefront import checkout
from storefront.accounts.models import User
from storefront.deals import Deed, require_terms
from storefront.errors import Refusal, refusal_of
from storefront.forms import EditForm, KeyForm
from storefront.settling import pay_with, settle
from storefront.standing import asks_of, bids_of, describe
from storefront.trouble import member_form
from storefront.views.desk import Wanted, landing, show_desk, show_refused
from storefront.world import current_world

PER_PAGE = 20
NOT_ON_SALE = Refusal(
    409, "This product is not on sale at present: nobody meets what stands, and it can only be cancelled."
)


@require_safe
@login_required
@never_cache
def my_bids(request: HttpRequest) -> HttpResponse:
    return _list(request, Deed.BID)


@require_safe
@login_required
@never_cache
def my_asks(request: HttpRequest) -> HttpResponse:
    return _list(request, Deed.ASK)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def my_bid(request: HttpRequest, bid_id: int) -> HttpResponse:
    """The form that changes a bid; posted to, the change."""
    bid = get_object_or_404(bids_of(cast("User", request.user)), pk=bid_id)
    return _edit(request, Wanted(Deed.BID, bid.variant, bid))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def my_ask(request: HttpRequest, ask_id: int) -> HttpResponse:
    """The form that changes an ask; posted to, the change."""
    ask = get_object_or_404(asks_of(cast("User", request.user)), pk=ask_id)
    return _edit(request, Wanted(Deed.ASK, ask.variant, ask))


@require_POST
@member_form("my-bids")
def cancel_bid(request: HttpRequest, bid_id: int) -> HttpResponse:
    """Take a bid out of the book, and show what is left."""
    get_object_or_404(bids_of(cast("User", request.user)), pk=bid_id)
    return _cancel(request, Deed.BID, bid_id)


@require_POST
@member_form("my-asks")
def cancel_ask(request: HttpRequest, ask_id: int) -> HttpResponse:
    """Take an ask out of the book, and show what is left."""
    get_object_or_404(asks_of(cast("User", request.user)), pk=ask_id)
    return _cancel(request, Deed.ASK, ask_id)


def _edit(request: HttpRequest, wanted: Wanted) -> HttpResponse:
    if not wanted.variant.product.is_listed:
        return _list(request, wanted.deed, NOT_ON_SALE)
    if request.method != "POST":
        return show_desk(request, wanted)
    form = EditForm(request.POST)
    if not form.is_valid():
        return show_desk(request, wanted, form=form, refusal=Refusal(400, form.first_error))
    user, shopper = cast("User", request.user), cast("ShopperRequest", request).shopper
    key: UUID = form.cleaned_data["idempotency_key"]
    asked = {"price_cents": form.price_cents, "expires_in_days": form.expires_in_days}
    standing_id = cast("int", wanted.changes)
    try:
        require_terms(form.cleaned_data["terms"], account_id=user.pk, idempotency_key=key)
        pay_with(user, request.POST.get("method"))
        if wanted.deed is Deed.BID:
            placed = checkout.edit_bid(**asked, bid_id=standing_id, buyer=user, shopper=shopper, idempotency_key=key)
        else:
            placed = checkout.edit_ask(**asked, ask_id=standing_id, seller=user, shopper=shopper, idempotency_key=key)
    except OrderRefused as error:
        return show_refused(request, wanted, error, price_cents=form.price_cents, days=form.expires_in_days, key=key)
    settle(placed.order_id)
    return redirect(landing(wanted.deed, placed))


def _cancel(request: HttpRequest, deed: Deed, standing_id: int) -> HttpResponse:
    form = KeyForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest("idempotency_key: must be the UUID that the page's form carries.")
    user = cast("User", request.user)
    try:
        if deed is Deed.BID:
            services.cancel_bid(bid_id=standing_id, buyer=user, idempotency_key=form.key)
        else:
            services.cancel_ask(ask_id=standing_id, seller=user, idempotency_key=form.key)
    except OrderRefused as error:
        return _list(request, deed, refusal_of(error, current_world().currency))
    return redirect(f"{reverse('my-bids' if deed.is_buying else 'my-asks')}?cancelled=1")


def _list(request: HttpRequest, deed: Deed, refusal: Refusal | None = None) -> HttpResponse:
    user = cast("User", request.user)
    page = Paginator(bids_of(user) if deed.is_buying else asks_of(user), PER_PAGE).get_page(request.GET.get("page"))
    lines, new_id = [describe(cast("Bid | Ask", each)) for each in page.object_list], request.GET.get("new", "")
    context = {
        "deed": deed,
        "page": page,
        "lines": lines,
        # Whoever looks again later may find that it was met.
        "is_new": any(line.is_open and str(line.pk) == new_id for line in lines),
        "is_cancelled": request.GET.get("cancelled") == "1",
        "refusal": refusal,
    }
    return render(request, "market/mine.html", context, status=refusal.status if refusal else 200)
