"""What the shop records, in plain words, and the shopper's choice about it."""

from typing import cast

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from recommendations.events.identity import give_consent, renew, withdraw_consent
from recommendations.events.middleware import ShopperRequest

CHOICES = {"yes": give_consent, "no": withdraw_consent}
FORGET = "forget"


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    context = {
        "is_recording": cast("ShopperRequest", request).shopper.has_consent,
        "has_signal": request.META.get("HTTP_SEC_GPC") == "1",
        "is_saved": request.GET.get("saved") == "1",
    }
    return render(request, "privacy/index.html", context)


@require_POST
def privacy_choice(request: HttpRequest) -> HttpResponse:
    """Keep the choice in the cookie and return to where the shopper was."""
    if request.POST.get("choice") == FORGET:
        # A signed-in device would go on recording for the account under a stranger's key.
        logout(request)
        renew(request)
        return redirect(_back(request))
    choose = CHOICES.get(request.POST.get("choice", ""))
    if choose is None:
        return HttpResponseBadRequest("choice: must be yes, no or forget.")
    response = redirect(_back(request))
    choose(request, response)
    return response


def _back(request: HttpRequest) -> str:
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return back if is_ours else f"{reverse('privacy')}?saved=1"
