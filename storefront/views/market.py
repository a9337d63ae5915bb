"""Buying and selling: the desk of a size, the review, and the click that does it."""

from typing import cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from catalog.exceptions import OrderRefused
from catalog.models import Ask, Bid, Product, Variant
from recommendations.events.middleware import ShopperRequest
from storefront import checkout
from storefront.accounts.models import User
from storefront.deals import Deed, best_prices
from storefront.errors import Refusal
from storefront.forms import LimitForm, PlaceForm, ReviewForm, TakeForm
from storefront.product_page import read_size
from storefront.settling import pay_with, settle
from storefront.views.desk import Wanted, landing, show_desk, show_refused, show_review
from storefront.views.product import find_product, product_address

NO_SUCH_SIZE = Refusal(400, "This product does not come in that size.")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def trade(request: HttpRequest, slug: str, deed: Deed) -> HttpResponse:
    """The desk of a size; posted to, the deed itself."""
    shown = find_product(slug)
    if request.method != "POST":
        variant = _find_size(shown, read_size(request.GET.get("size", "")))
        if variant is None:
            return redirect(f"{product_address(shown)}#sizes")
        return show_desk(request, Wanted(deed, variant))
    if not request.user.is_authenticated:
        return redirect(f"{reverse('sign-in')}?next={product_address(shown)}")
    return _take(request, shown, deed) if deed.is_at_once else _place(request, shown, deed)


@require_safe
@login_required
@never_cache
def review(request: HttpRequest, slug: str) -> HttpResponse:
    """What the last click will do. It changes nothing, so its address may be kept, and a sign-in leads back to it."""
    shown, form = find_product(slug), ReviewForm(request.GET)
    variant = _find_size(shown, form.cleaned_data["size"]) if form.is_valid() else None
    if variant is None:
        return redirect(f"{product_address(shown)}#sizes")
    deed: Deed = form.cleaned_data["deed"]
    wanted = Wanted(deed, variant, _find_standing(request, deed, variant, form.cleaned_data["changes"]))
    best = best_prices(variant, account_id=request.user.pk)
    if deed.is_at_once:
        price_cents = best.price_of(deed)
        if price_cents is None:
            return show_desk(request, wanted)
        return show_review(request, wanted, best, price_cents=price_cents)
    limit = LimitForm(request.GET)
    if not limit.is_valid():
        return show_desk(request, wanted, form=limit)
    return show_review(request, wanted, best, price_cents=limit.price_cents, days=limit.expires_in_days)


def _take(request: HttpRequest, shown: Product, deed: Deed) -> HttpResponse:
    form = TakeForm(request.POST)
    if not form.is_valid():
        return _turn_back(request, shown, deed, Refusal(400, form.first_error))
    variant_id, seen_price_cents = form.cleaned_data["choice"]
    variant = _find_size(shown, variant_id)
    if variant is None:
        return _turn_back(request, shown, deed, NO_SUCH_SIZE)
    key: UUID = form.cleaned_data["idempotency_key"]
    user, shopper = cast("User", request.user), cast("ShopperRequest", request).shopper
    asked = {"variant_id": variant.pk, "seen_price_cents": seen_price_cents}
    try:
        pay_with(user, request.POST.get("method"))
        if deed is Deed.BUY:
            placed = checkout.buy_now(**asked, buyer=user, shopper=shopper, idempotency_key=key)
        else:
            placed = checkout.sell_now(**asked, seller=user, shopper=shopper, idempotency_key=key)
    except OrderRefused as error:
        return show_refused(request, Wanted(deed, variant), error, price_cents=seen_price_cents, days=None, key=key)
    settle(placed.order_id)
    return redirect(landing(deed, placed))


def _place(request: HttpRequest, shown: Product, deed: Deed) -> HttpResponse:
    form = PlaceForm(request.POST)
    is_valid = form.is_valid()
    variant = _find_size(shown, form.cleaned_data.get("size"))
    if variant is None:
        return _turn_back(request, shown, deed, NO_SUCH_SIZE if is_valid else Refusal(400, form.first_error))
    wanted = Wanted(deed, variant)
    if not is_valid:
        return show_desk(request, wanted, form=form, refusal=Refusal(400, form.first_error))
    key: UUID = form.cleaned_data["idempotency_key"]
    user, shopper = cast("User", request.user), cast("ShopperRequest", request).shopper
    asked = {"variant_id": variant.pk, "price_cents": form.price_cents, "expires_in_days": form.expires_in_days}
    try:
        pay_with(user, request.POST.get("method"))
        if deed is Deed.BID:
            placed = checkout.place_bid(**asked, buyer=user, shopper=shopper, idempotency_key=key)
        else:
            placed = checkout.place_ask(**asked, seller=user, shopper=shopper, idempotency_key=key)
    except OrderRefused as error:
        return show_refused(request, wanted, error, price_cents=form.price_cents, days=form.expires_in_days, key=key)
    settle(placed.order_id)
    return redirect(landing(deed, placed))


def _turn_back(request: HttpRequest, shown: Product, deed: Deed, refusal: Refusal) -> HttpResponse:
    """A click that names no size of the product: its first size's desk, and what was wrong."""
    variant = shown.variants.select_related("product__drop").first()
    if variant is None:
        raise Http404("The product has no size.")
    return show_desk(request, Wanted(deed, variant), refusal=refusal)


def _find_size(shown: Product, variant_id: int | None) -> Variant | None:
    """The product's own size of that id; without an id its only one, if it has just one."""
    sizes = list(shown.variants.all()[:2]) if variant_id is None else list(shown.variants.filter(pk=variant_id))
    if len(sizes) != 1:
        return None
    sizes[0].product = shown
    return sizes[0]


def _find_standing(request: HttpRequest, deed: Deed, variant: Variant, pk: int | None) -> Bid | Ask | None:
    """The shopper's own open bid or ask that a review would change; another's does not exist for them."""
    if pk is None or deed.is_at_once:
        return None
    if deed is Deed.BID:
        return get_object_or_404(Bid, pk=pk, buyer=cast("User", request.user), variant=variant)
    return get_object_or_404(Ask, pk=pk, seller=cast("User", request.user), variant=variant)
