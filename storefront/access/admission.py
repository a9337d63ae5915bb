"""Whether a request may go on: its limit, whose allowance it uses, and the verdict."""

from dataclasses import dataclass
from math import ceil

from django.conf import settings
from django.http import HttpRequest

from recommendations.events import signatures
from recommendations.events.identity import device_key
from storefront.access.addresses import address_of, counted
from storefront.access.counting import Share, Uncounted, counter
from storefront.access.limits import Limit

PURPOSE = "rate-limit"
CLOSED_RETRY_S = 3
NAME_LENGTH = 254


@dataclass(frozen=True, slots=True)
class Verdict:
    """May it go on, and if not, why and when to come back."""

    is_admitted: bool
    retry_after_s: int = 0
    is_closed: bool = False


ADMITTED = Verdict(is_admitted=True)


def limit_named(name: str) -> Limit:
    found: Limit = settings.RATE_LIMITS[name]
    return found


def judge(request: HttpRequest, limit: Limit, who: str) -> Verdict:
    """Count a request against its limit.

    Args:
        request: says the address.
        limit: what it falls under.
        who: the account, device or typed name, as `account_or_device` and `typed_name` spell it; empty for a stranger,
            who only uses the address's share.
    """
    address = counted(address_of(request))
    shares = [Share(_key(limit, f"at:{address}"), limit.of_address)]
    if who:
        shares.append(Share(_key(limit, who), limit.per_minute))
    try:
        wait_s = counter(is_patient=limit.is_closed_uncounted).take(shares)
    except Uncounted:
        return (
            Verdict(is_admitted=False, retry_after_s=CLOSED_RETRY_S, is_closed=True)
            if limit.is_closed_uncounted
            else ADMITTED
        )
    return ADMITTED if wait_s == 0 else Verdict(is_admitted=False, retry_after_s=ceil(wait_s))


def account_or_device(request: HttpRequest, *, account_id: int | None = None) -> str:
    """Whose allowance: the signed-in account's, else the device's that kept its cookie; empty for a stranger."""
    if account_id is None and settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
        account_id = request.user.pk
    if account_id is not None:
        return f"account:{account_id}"
    device = device_key(request)
    return f"device:{device}" if device else ""


def typed_name(request: HttpRequest, name: str) -> str:
    """A name that is tried at one address; others elsewhere cannot use up its owner's allowance."""
    return f"name:{counted(address_of(request))}:{name.strip().casefold()[:NAME_LENGTH]}"


def _key(limit: Limit, who: str) -> str:
    # Valkey holds who asked for a minute, and as nothing that could be read there.
    return f"{limit.name}:{signatures.mac(PURPOSE, who.encode(errors='replace'), size=12).hex()}"
