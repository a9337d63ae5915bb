"""What a shopper bought and sold: the lists, each order with its life, and what its buyer or seller may do to it."""

from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from catalog.exceptions import OrderRefused
from catalog.models import Order
from catalog.orders import services
from catalog.orders.payouts import earnings_of
from catalog.orders.states import OrderStatus
from storefront import settling
from storefront.accounts.models import User
from storefront.errors import Refusal, refusal_of
from storefront.order_life import is_declined, life_of, was_paid, words_for
from storefront.trouble import member_form
from storefront.world import current_world

PER_PAGE = 20


@require_safe
@login_required
@never_cache
def orders(request: HttpRequest) -> HttpResponse:
    return _list(request, _bought(request), "orders/index.html")


@require_safe
@login_required
@never_cache
def sales(request: HttpRequest) -> HttpResponse:
    return _list(request, _sold(request), "orders/sales.html", earnings=earnings_of(cast("User", request.user)))


@require_safe
@login_required
@never_cache
def order(request: HttpRequest, order_id: int) -> HttpResponse:
    return _detail(request, get_object_or_404(_bought(request), pk=order_id))


@require_safe
@login_required
@never_cache
def sale(request: HttpRequest, order_id: int) -> HttpResponse:
    return _detail(request, get_object_or_404(_sold(request), pk=order_id))


@require_POST
@member_form("order", "order_id")
def receive(request: HttpRequest, order_id: int) -> HttpResponse:
    """The buyer has it."""
    found = get_object_or_404(_bought(request), pk=order_id)
    try:
        services.receive(order_id=found.pk, buyer=cast("User", request.user))
    except OrderRefused as error:
        return _detail(request, _bought(request).get(pk=found.pk), refusal_of(error, current_world().currency))
    return redirect(reverse("order", args=[found.pk]))


@require_POST
@member_form("sale", "order_id")
def ship(request: HttpRequest, order_id: int) -> HttpResponse:
    """The seller has sent it."""
    found = get_object_or_404(_sold(request), pk=order_id)
    tracking = request.POST.get("tracking", "")
    try:
        services.ship(order_id=found.pk, seller=cast("User", request.user), tracking=tracking)
    except OrderRefused as error:
        return _detail(request, _sold(request).get(pk=found.pk), _told(error))
    return redirect(reverse("sale", args=[found.pk]))


@require_POST
@member_form("sale", "order_id")
def give_up(request: HttpRequest, order_id: int) -> HttpResponse:
    """The seller cannot send it; the buyer's money goes back."""
    found = get_object_or_404(_sold(request), pk=order_id)
    try:
        services.give_up(order_id=found.pk, seller=cast("User", request.user), reason=request.POST.get("reason", ""))
    except OrderRefused as error:
        return _detail(request, _sold(request).get(pk=found.pk), _told(error))
    settling.settle(found.pk)
    return redirect(reverse("sale", args=[found.pk]))


def _bought(request: HttpRequest) -> QuerySet[Order]:
    """The signed-in shopper's own; another's does not exist for them."""
    return _shown(Order.objects.filter(buyer=cast("User", request.user)))


def _sold(request: HttpRequest) -> QuerySet[Order]:
    return _shown(Order.objects.filter(seller=cast("User", request.user)))


def _shown(found: QuerySet[Order]) -> QuerySet[Order]:
    return found.select_related("trade__variant__product__brand", "trade__variant__product__category")


def _told(error: OrderRefused) -> Refusal:
    """A field of the order's own forms is named in the error itself; the table's words speak of sizes."""
    refusal = refusal_of(error, current_world().currency)
    if error.code != "order_rejected":
        return refusal
    field, _, fault = str(error).partition(": ")
    return Refusal(refusal.status, f"{field.capitalize()}: {fault}")


def _list(request: HttpRequest, found: QuerySet[Order], template: str, **more: Any) -> HttpResponse:
    page = Paginator(found.order_by("-placed_at", "-id"), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, template, {"page": page, **more})


def _detail(request: HttpRequest, shown: Order, refusal: Refusal | None = None) -> HttpResponse:
    is_buyer, steps = shown.buyer_id == request.user.pk, list(shown.steps.all())
    is_ended, paid = shown.status == OrderStatus.CANCELLED, was_paid(steps)
    context: dict[str, Any] = {
        "order": shown,
        "trade": shown.trade,
        "is_buyer": is_buyer,
        "life": life_of(shown, steps, is_buyer=is_buyer),
        "words": words_for(shown, is_buyer=is_buyer, paid=paid),
        "is_not_charged": is_buyer and is_ended and not paid,
        "is_declined": is_buyer and is_declined(steps),
        "can_receive": is_buyer and shown.status == OrderStatus.SHIPPED,
        "can_ship": not is_buyer and shown.status == OrderStatus.PAID,
        "is_new": request.GET.get("new") == "1" and not is_ended,
        "refusal": refusal,
    }
    return render(request, "orders/detail.html", context, status=refusal.status if refusal else 200)
