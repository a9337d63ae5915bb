"""Who asks the API: whoever holds an account's token, or a page of the shop with its session and CSRF token."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from storefront.access import tokens
from storefront.access.models import ApiToken
from storefront.accounts.models import User

SCHEME = "Bearer"
UNKNOWN = "This token is unknown, revoked or expired. Ask for a new one at POST /api/tokens/."


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer TOKEN`; no foreign page can make a browser send it, so that it needs no CSRF token."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """The account and the token; None where no such header came.

        Raises:
            AuthenticationFailed: a token came, and it opens nothing.
        """
        scheme, _, token = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.casefold() != SCHEME.casefold():
            return None
        found = tokens.find(token.strip())
        if found is None:
            raise AuthenticationFailed(UNKNOWN, code="token_not_valid")
        return found.account, found

    def authenticate_header(self, _request: Request) -> str:
        """What a 401 says of how to ask."""
        return SCHEME


class PageAuthentication(SessionAuthentication):
    """The session of the shop's own pages; whatever changes something needs the CSRF token, too."""


class IsSignedIn(BasePermission):
    """Somebody with an account asks."""

    message = "Sign in, or show a token."

    def has_permission(self, request: Request, _view: APIView) -> bool:
        """Whether an account asks."""
        return isinstance(request.user, User)


def account_of(request: Request) -> User:
    """The account that asks; for views behind `IsSignedIn`."""
    if not isinstance(request.user, User):
        raise TypeError("account_of() is for views that nobody else reaches.")
    return request.user


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Tokens, as the description of the API says it."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, _auto_schema: AutoSchema) -> dict[str, Any]:
        """The scheme's own words."""
        return {"type": "http", "scheme": "bearer", "description": "A token from `POST /api/tokens/`."}


class PageScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Sessions, as the description of the API says it."""

    target_class = PageAuthentication
    name = "session"

    def get_security_definition(self, _auto_schema: AutoSchema) -> dict[str, Any]:
        """The scheme's own words."""
        from django.conf import settings

        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
