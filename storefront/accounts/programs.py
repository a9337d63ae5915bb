"""The page of an account's tokens for programs: make one, see what there is, end one."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from storefront.access import tokens
from storefront.access.models import ApiToken
from storefront.accounts.forms import TokenForm
from storefront.accounts.models import User
from storefront.trouble import member_form

REVOKED = "revoked"


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tokens_page(request: HttpRequest) -> HttpResponse:
    """List the account's tokens; a new one is told on the page that answers the form, and never again."""
    account = cast("User", request.user)
    form = TokenForm(account, request.POST if request.method == "POST" else None)
    issued: tokens.Issued | None = None
    if request.method == "POST" and form.is_valid():
        try:
            issued = tokens.issue(account=account, name=form.cleaned_data["name"])
        except tokens.TooManyTokens as error:
            form.add_error(None, str(error))
        else:
            form = TokenForm(account)
    context = {
        "form": form,
        "issued": issued,
        "held": ApiToken.objects.filter(account=account),
        "life_days": tokens.LIFE.days,
        "is_revoked": request.GET.get("saved") == REVOKED,
    }
    return render(request, "accounts/tokens.html", context, status=400 if form.errors else 200)


@require_POST
@member_form("tokens")
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    """End one of the account's own tokens at once."""
    account = cast("User", request.user)
    mine = get_object_or_404(ApiToken, account=account, pk=token_id)
    tokens.revoke(account=account, token_id=mine.pk)
    return redirect(f"{reverse('tokens')}?saved={REVOKED}")
