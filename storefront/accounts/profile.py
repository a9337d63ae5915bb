"""The account's own page: what the shop holds of it, and where to change it."""

from dataclasses import dataclass
from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from storefront.accounts.forms import EmailForm
from storefront.accounts.models import User
from storefront.trouble import member_form

SAVED = {
    "email": "Your e-mail address is saved.",
    "password": "Your new password is set. Other devices are signed out.",
    "mail": "Your choice about mail is saved.",
}


@dataclass(frozen=True, slots=True)
class Door:
    """A way from the account's page to another."""

    route: str
    icon: str
    title: str
    words: str


DOORS = (
    Door("orders", "package", "Purchases", "What you bought, and where it is"),
    Door("sales", "banknote", "Sales", "What you sold, and when you are paid"),
    Door("my-bids", "hand", "Bids", "What you offer, and until when"),
    Door("my-asks", "tag", "Asks", "What you sell, and for how much"),
    Door("watchlist", "eye", "Watchlist", "What you keep an eye on, and what got cheaper"),
    Door("password-change", "key", "Password", "Change it, and sign other devices out"),
    Door("privacy", "shield-check", "Privacy", "What is recorded of you, and how to end it"),
    Door("tokens", "code", "Programs", "Tokens that let them ask in your name"),
)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    account = cast("User", request.user)
    form = EmailForm(account, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        form.save()
        return redirect(f"{reverse('profile')}?saved=email")
    context = {"form": form, "doors": DOORS, "saved": SAVED.get(request.GET.get("saved", ""), "")}
    return render(request, "accounts/profile.html", context, status=400 if form.errors else 200)


@require_POST
@member_form("profile")
def choose_mail(request: HttpRequest) -> HttpResponse:
    """Whether the account is written to about its orders; no password, since it gives nothing away."""
    account = cast("User", request.user)
    account.order_mail = "order_mail" in request.POST
    account.save(update_fields=["order_mail"])
    return redirect(f"{reverse('profile')}?saved=mail")
