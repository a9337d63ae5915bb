"""Ends mail about orders by the link at the foot of each letter, without signing in."""

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from storefront.accounts.models import User

SALT = "stop-order-mail"
GONE = 410


def make_stop_token(account: User) -> str:
    """What a letter's link carries; it never ends, since letters are kept, and opens nothing else."""
    return Signer(salt=SALT).sign(str(account.pk))


def read_stop_token(token: str) -> User | None:
    """The account that a link names; None where the token is not ours, or the account is gone."""
    try:
        pk = Signer(salt=SALT).unsign(token)
    except BadSignature:
        return None
    return User.objects.filter(pk=int(pk)).first()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Ask first, stop on POST: what opens links ahead of their reader changes nothing."""
    account = read_stop_token(token)
    if account is None:
        return render(request, "letters/stop.html", {"is_unknown": True}, status=GONE)
    if request.method == "POST":
        User.objects.filter(pk=account.pk).update(order_mail=False)
        account.order_mail = False
    return render(request, "letters/stop.html", {"wants_mail": account.order_mail})
