"""A lost password: a signed link by mail, good for an hour and for one use."""

import logging
from datetime import datetime

from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from storefront.accounts.models import User

logger = logging.getLogger(__name__)

# Several accounts may name one address, as in a family; so many get a link at once.
MOST_ACCOUNTS = 5


class WorldTokens(PasswordResetTokenGenerator):
    """Django's tokens, aged by the world's clock; one that was used no longer fits, since the password is in it."""

    key_salt = "password-reset"

    def _now(self) -> datetime:
        now: datetime = settings.CLOCK.now()
        return now.replace(tzinfo=None)


tokens = WorldTokens()


def send_links(email: str, *, origin: str) -> int:
    """Send a link for a new password to every open account that names this address.

    Args:
        email: as typed; where no account names it, nothing is sent.
        origin: the shop's scheme and host, for the links.

    Returns:
        How many mails were sent.

    Raises:
        OSError: the mail server refused or did not answer.
    """
    n_sent = 0
    for user in list(PasswordResetForm().get_users(email))[:MOST_ACCOUNTS]:
        if isinstance(user, User):
            _send(user, origin)
            n_sent += 1
    return n_sent


def _send(user: User, origin: str) -> None:
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    link = origin + reverse("password-reset-confirm", args=[uid, tokens.make_token(user)])
    context = {"name": user.get_username(), "link": link, "minutes": settings.PASSWORD_RESET_TIMEOUT // 60}
    text = render_to_string("accounts/mail/reset.txt", context)
    send_mail("A new password for your account", text, None, [user.email])
