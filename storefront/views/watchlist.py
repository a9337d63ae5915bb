"""The watchlist: the page, and the button that puts a product on it or takes it off."""

from typing import cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from catalog import watching
from catalog.dropping import opening_of
from catalog.exceptions import WatchlistFull
from catalog.models import Product
from recommendations.events.middleware import ShopperRequest
from storefront.accounts.models import User
from storefront.drop_page import is_to_come
from storefront.leading_back import read_next
from storefront.trouble import member_form

PER_PAGE = 24


@require_safe
@login_required
@never_cache
def watchlist(request: HttpRequest) -> HttpResponse:
    """The account's watchlist, the latest first, with what each costs now and when it came here."""
    rows = watching.watchlist(cast("User", request.user))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    now = settings.CLOCK.now()
    watched = [watching.as_watched(row) for row in page.object_list]
    shown = [(each, opening_of(each.product) if is_to_come(each.product, now) else None) for each in watched]
    return render(request, "watchlist/index.html", {"page": page, "watched": shown})


@require_POST
def watch(request: HttpRequest, slug: str) -> HttpResponse:
    """Note the interest; an account's watchlist keeps the product and the price that it has now."""
    shown = _find(slug)
    cast("ShopperRequest", request).events.record("watch", shown.sku)
    is_full = False
    if request.user.is_authenticated:
        try:
            watching.watch(account=request.user, product_id=shown.pk)
        except WatchlistFull:
            is_full = True
    return _answer(request, shown, is_watched=request.user.is_authenticated and not is_full, is_full=is_full)


@require_POST
@member_form("watchlist")
def unwatch(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the product off the account's watchlist."""
    shown = _find(slug)
    watching.unwatch(account=cast("User", request.user), product_id=shown.pk)
    return _answer(request, shown, is_watched=False)


def _find(slug: str) -> Product:
    return get_object_or_404(Product.objects.announced(), slug=slug)


def _answer(request: HttpRequest, shown: Product, *, is_watched: bool, is_full: bool = False) -> HttpResponse:
    """To htmx the button as it is now; else back to where the shopper was."""
    if "HX-Request" in request.headers:
        context = {
            "product": shown,
            "is_watching": is_watched,
            "is_full": is_full,
            "is_noted": not request.user.is_authenticated,
            "back": read_next(request, ""),
        }
        return render(request, "product/_watch.html", context)
    if is_full:
        return redirect(f"{reverse('watchlist')}?full=1")
    noted = "" if request.user.is_authenticated else "?watched=1"
    return redirect(read_next(request, f"{reverse('product', args=[shown.slug])}{noted}"))
