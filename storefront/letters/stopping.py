"""Ends mail about orders without signing in: by the link at the foot of each letter, or by the mail program itself."""

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from storefront.accounts.models import User

SALT = "stop-order-mail"
GONE = 410
# What a mail program posts when its user wants no more.
ONE_CLICK = ("List-Unsubscribe", "One-Click")
PLAIN = "text/plain; charset=utf-8"
STOPPED = "No more mail about orders will come.\n"
UNKNOWN = "This link is not one of ours, or its account is gone. Nothing was changed.\n"


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


def header_fields(stop_url: str) -> dict[str, str]:
    """The header by which mail programs offer an end of these letters.

    Args:
        stop_url: this account's link.

    Returns:
        The fields by name; the one that has programs stop with one click, without opening the page, over HTTPS alone.

    Source:
        RFC 2369, section 3.2, and RFC 8058, section 3.1.
    """
    fields = {"List-Unsubscribe": f"<{stop_url}>"}
    if stop_url.startswith("https://"):
        fields["List-Unsubscribe-Post"] = "=".join(ONE_CLICK)
    return fields


# Mail programs post without a cookie or a page before; the link itself is the proof, and no foreign page knows it.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop_mail(request: HttpRequest, token: str) -> HttpResponse:
    """Ask first, stop on POST: what opens links ahead of their reader changes nothing."""
    account = read_stop_token(token)
    name, value = ONE_CLICK
    is_program = request.method == "POST" and request.POST.get(name) == value
    if account is None:
        if is_program:
            return HttpResponse(UNKNOWN, status=GONE, content_type=PLAIN)
        return render(request, "letters/stop.html", {"is_unknown": True}, status=GONE)
    if request.method == "POST":
        User.objects.filter(pk=account.pk).update(order_mail=False)
        account.order_mail = False
    if is_program:
        return HttpResponse(STOPPED, content_type=PLAIN)
    return render(request, "letters/stop.html", {"wants_mail": account.order_mail})
