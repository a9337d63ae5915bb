"""What a shopper has bought: the list, and one purchase with its receipt."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from catalog.models import Trade
from storefront.accounts.models import User

PER_PAGE = 20


@require_safe
@login_required
@never_cache
def orders(request: HttpRequest) -> HttpResponse:
    page = Paginator(_purchases(request), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "orders/index.html", {"page": page})


@require_safe
@login_required
@never_cache
def order(request: HttpRequest, trade_id: int) -> HttpResponse:
    trade = get_object_or_404(_purchases(request), pk=trade_id)
    return render(request, "orders/detail.html", {"trade": trade, "is_new": request.GET.get("new") == "1"})


def _purchases(request: HttpRequest) -> QuerySet[Trade]:
    """The signed-in shopper's own; another's does not exist for them."""
    mine = Trade.objects.filter(buyer=cast("User", request.user))
    return mine.select_related("variant__product__brand", "variant__product__category")
