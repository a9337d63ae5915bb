"""Sign-in links for one shopper: a signed token that names the account, good for a day."""

from django.core.signing import BadSignature, TimestampSigner

from storefront.accounts.models import User

MAX_AGE_S = 86_400
SALT = "sign-in-link"


def make_link_token(user: User) -> str:
    """The token for this account; whoever holds it can sign in as the account for a day."""
    return TimestampSigner(salt=SALT).sign(str(user.pk))


def read_link_token(token: str) -> User | None:
    """The account of a token, or None where it is forged, older than a day, or the account is gone or closed."""
    try:
        pk = TimestampSigner(salt=SALT).unsign(token, max_age=MAX_AGE_S)
    except BadSignature:
        return None
    return User.objects.filter(pk=int(pk), is_active=True).first()
