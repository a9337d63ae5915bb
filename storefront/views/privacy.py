"""What the shop records, in plain words, and the shopper's choice about it."""

from typing import cast

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from recommendations.events.identity import device_key, give_consent, renew, withdraw_consent
from recommendations.events.middleware import ShopperRequest
from storefront.accounts.joining import joining
from storefront.forgetting import forget
from storefront.hiding import hidden_products
from storefront.leading_back import read_next
from storefront.looks import looks_at_hand

CHOICES = {"yes": give_consent, "no": withdraw_consent}
NO = "no"
FORGET = "forget"


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    shopper = cast("ShopperRequest", request).shopper
    # A first request brings no key, so that there is nothing to show.
    key = device_key(request) if shopper.is_tracked else ""
    context = {
        "is_recording": shopper.has_consent,
        "hidden": hidden_products(shopper.shopper_key) if key else [],
        "looks": looks_at_hand(shopper.shopper_key) if key else [],
        "has_signal": request.META.get("HTTP_SEC_GPC") == "1",
        "retention_months": settings.RETENTION_MONTHS,
        "is_saved": request.GET.get("saved") == "1",
    }
    return render(request, "privacy/index.html", context)


@require_POST
def privacy_choice(request: HttpRequest) -> HttpResponse:
    """Keep the choice in the cookie, erase what it says must go, and return to where the shopper was."""
    choice, keys = request.POST.get("choice", ""), {device_key(request)}
    response = redirect(read_next(request, f"{reverse('privacy')}?saved=1"))
    if choice == FORGET:
        # A signed-in device would go on recording for the account under a stranger's key.
        logout(request)
        renew(request)
    elif choice in CHOICES:
        keys.add(getattr(request.user, "shopper_key", None) or "")
        with joining(request):
            CHOICES[choice](request, response)
    else:
        return HttpResponseBadRequest("choice: must be yes, no or forget.")
    if choice in {NO, FORGET}:
        forget(keys - {""})
    return response
