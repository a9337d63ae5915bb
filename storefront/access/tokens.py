"""Issue, read and revoke the tokens of the API."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction

from storefront.access.models import ApiToken
from storefront.accounts.models import User

PREFIX = "shop_"
SECRET_BYTES = 32
LIFE = timedelta(days=90)
MAX_PER_ACCOUNT = 20
NOTE_USE_AFTER = timedelta(hours=1)


class TooManyTokens(Exception):
    """The account holds as many tokens as it may; revoking one makes room."""

    code = "too_many_tokens"


@dataclass(frozen=True, slots=True)
class Issued:
    """A new row, and the token that only this answer holds."""

    row: ApiToken
    token: str


@transaction.atomic
def issue(*, account: User, name: str) -> Issued:
    """Make a token that is good for `LIFE`.

    Args:
        account: in whose name the token asks.
        name: what its owner calls it, 1 to 60 characters.

    Raises:
        TooManyTokens: the account holds `MAX_PER_ACCOUNT` that have not expired.
    """
    # Two at once would both find room.
    User.objects.select_for_update(no_key=True).get(pk=account.pk)
    now = settings.CLOCK.now()
    ApiToken.objects.filter(account=account, expires_at__lte=now).delete()
    if ApiToken.objects.filter(account=account).count() >= MAX_PER_ACCOUNT:
        raise TooManyTokens(f"This account holds {MAX_PER_ACCOUNT} tokens already; revoke one first.")
    token = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    row = ApiToken.objects.create(account=account, name=name, digest=_digest(token), made_at=now, expires_at=now + LIFE)
    return Issued(row, token)


def find(token: str) -> ApiToken | None:
    """The row of a token with its account; None where it is unknown, revoked, expired or its account is closed.

    A digest is enough: a random 256-bit token cannot be guessed from it, so that nothing slow is needed.
    """
    now = settings.CLOCK.now()
    rows = ApiToken.objects.select_related("account").filter(digest=_digest(token), expires_at__gt=now)
    found = rows.filter(account__is_active=True).first()
    if found is not None and (found.used_at is None or now - found.used_at >= NOTE_USE_AFTER):
        ApiToken.objects.filter(pk=found.pk).update(used_at=now)
    return found


def revoke(*, account: User, token_id: int) -> bool:
    """End a token at once; whether the account had it."""
    n_deleted, _ = ApiToken.objects.filter(account=account, pk=token_id).delete()
    return n_deleted > 0


def revoke_all(*, account: User) -> int:
    """End all tokens of an account at once, as for a changed password; how many there were."""
    n_deleted, _ = ApiToken.objects.filter(account=account).delete()
    return n_deleted


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()
