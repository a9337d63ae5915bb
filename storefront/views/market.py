"""Buying and selling: the desk of a size, the review, and the click that does it."""

from typing import cast
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from catalog.exceptions import OrderRefused
from catalog.models import Ask, Bid, Variant
from recommendations.events.middleware import ShopperRequest
from storefront import checkout
from storefront.accounts.models import User
from storefront.deals import Deed, best_prices, require_terms
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
    if request.method != "POST":
        variant = _find_size(slug, read_size(request.GET.get("size", "")))
        return _to_sizes(slug) if variant is None else show_desk(request, Wanted(deed, variant))
    if not request.user.is_authenticated:
        return redirect(f"{reverse('sign-in')}?next={product_address(find_product(slug))}")
    return _take(request, slug, deed) if deed.is_at_once else _place(request, slug, deed)


@require_safe
@login_required
@never_cache
def review(request: HttpRequest, slug: str) -> HttpResponse:
    """What the last click will do. It changes nothing, so its address may be kept, and a sign-in leads back to it."""
    form = ReviewForm(request.GET)
    variant = _find_size(slug, form.cleaned_data["size"]) if form.is_valid() else None
    if variant is None:
        return _to_sizes(slug)
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
        return show_desk(request, wanted, form=limit, refusal=Refusal(400, limit.first_error))
    return show_review(request, wanted, best, price_cents=limit.price_cents, days=limit.expires_in_days)


def _take(request: HttpRequest, slug: str, deed: Deed) -> HttpResponse:
    form = TakeForm(request.POST)
    if not form.is_valid():
        return _turn_back(request, slug, deed, Refusal(400, form.first_error))
    variant_id, seen_price_cents = form.cleaned_data["choice"]
    variant = _find_size(slug, variant_id)
    if variant is None:
        return _turn_back(request, slug, deed, NO_SUCH_SIZE)
    key: UUID = form.cleaned_data["idempotency_key"]
    user, shopper = cast("User", request.user), cast("ShopperRequest", request).shopper
    asked = {"variant_id": variant.pk, "seen_price_cents": seen_price_cents}
    try:
        require_terms(form.cleaned_data["terms"], account_id=user.pk, idempotency_key=key)
        pay_with(user, request.POST.get("method"))
        if deed is Deed.BUY:
            placed = checkout.buy_now(**asked, buyer=user, shopper=shopper, idempotency_key=key)
        else:
            placed = checkout.sell_now(**asked, seller=user, shopper=shopper, idempotency_key=key)
    except OrderRefused as error:
        return show_refused(request, Wanted(deed, variant), error, price_cents=seen_price_cents, days=None, key=key)
    settle(placed.order_id)
    return redirect(landing(deed, placed))


def _place(request: HttpRequest, slug: str, deed: Deed) -> HttpResponse:
    form = PlaceForm(request.POST)
    is_valid = form.is_valid()
    variant = _find_size(slug, form.cleaned_data.get("size"))
    if variant is None:
        return _turn_back(request, slug, deed, NO_SUCH_SIZE if is_valid else Refusal(400, form.first_error))
    wanted = Wanted(deed, variant)
    if not is_valid:
        return show_desk(request, wanted, form=form, refusal=Refusal(400, form.first_error))
    key: UUID = form.cleaned_data["idempotency_key"]
    user, shopper = cast("User", request.user), cast("ShopperRequest", request).shopper
    asked = {"variant_id": variant.pk, "price_cents": form.price_cents, "expires_in_days": form.expires_in_days}
    try:
        require_terms(form.cleaned_data["terms"], account_id=user.pk, idempotency_key=key)
        pay_with(user, request.POST.get("method"))
        if deed is Deed.BID:
            placed = checkout.place_bid(**asked, buyer=user, shopper=shopper, idempotency_key=key)
        else:
            placed = checkout.place_ask(**asked, seller=user, shopper=shopper, idempotency_key=key)
    except OrderRefused as error:
        return show_refused(request, wanted, error, price_cents=form.price_cents, days=form.expires_in_days, key=key)
    settle(placed.order_id)
    return redirect(landing(deed, placed))


def _turn_back(request: HttpRequest, slug: str, deed: Deed, refusal: Refusal) -> HttpResponse:
    """A click that names no size of the product: its first size's desk, and what was wrong."""
    variant = _sizes_of(slug).first()
    if variant is None:
        raise Http404("The product has no size.")
    return show_desk(request, Wanted(deed, variant), refusal=refusal)


def _to_sizes(slug: str) -> HttpResponse:
    return redirect(f"{product_address(find_product(slug))}#sizes")


def _sizes_of(slug: str) -> QuerySet[Variant]:
    """A product's sizes, each with all that its pages say of the product; none of one that is not announced."""
    sizes = Variant.objects.select_related("product__brand", "product__category", "product__drop")
    return sizes.filter(product__slug=slug, product__is_listed=True)


def _find_size(slug: str, variant_id: int | None) -> Variant | None:
    """The product's own size of that id; without an id its only one, if it has just one."""
    sizes = _sizes_of(slug)
    found = list(sizes[:2] if variant_id is None else sizes.filter(pk=variant_id))
    return found[0] if len(found) == 1 else None


def _find_standing(request: HttpRequest, deed: Deed, variant: Variant, pk: int | None) -> Bid | Ask | None:
    """The shopper's own open bid or ask that a review would change; another's does not exist for them."""
    if pk is None or deed.is_at_once:
        return None
    if deed is Deed.BID:
        return get_object_or_404(Bid, pk=pk, buyer=cast("User", request.user), variant=variant)
    return get_object_or_404(Ask, pk=pk, seller=cast("User", request.user), variant=variant)
