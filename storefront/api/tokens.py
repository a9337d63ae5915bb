"""The account's tokens: a password makes one, the account lists and revokes them."""

from typing import Any

from django.contrib.auth import authenticate
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from storefront.access import tokens
from storefront.access.models import ApiToken
from storefront.accounts.models import User
from storefront.api.authentication import account_of
from storefront.api.commands import CREATED
from storefront.api.errors import READ_FAULTS, faults
from storefront.api.fields import Text
from storefront.api.requests import KnownFields, asked_as_page, read_body, read_query
from storefront.api.views import AccountView, ApiView


class IssueFields(KnownFields):
    """Whose token, and what for."""

    username = Text(max_length=150, help_text="The account's name.")
    password = Text(max_length=4096, trim_whitespace=False, help_text="Never kept.")
    name = Text(max_length=60, help_text="What the token is for, in the owner's words.")


class TokenSerializer(serializers.Serializer[Any]):
    """One token; the token itself is told once, when it is made."""

    token_id = serializers.IntegerField()
    name = serializers.CharField()
    made_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    used_at = serializers.DateTimeField(allow_null=True, help_text="To the hour; null for one that was never shown.")


class IssuedSerializer(TokenSerializer):
    """A new token; nobody can tell it again."""

    token = serializers.CharField()


class TooMany(APIException):
    """The account holds as many as it may."""

    status_code = 409
    default_code = tokens.TooManyTokens.code


class WrongPassword(APIException):
    """The same for a name that nobody has."""

    status_code = 401
    default_code = "wrong_password"
    default_detail = "Name and password do not belong together."


class TokensView(ApiView):
    """All tokens of the account."""

    write_limit = "sign_in"

    def get_authenticators(self) -> list[Any]:
        """Whoever asks for a token shows a password instead: a stale token or session must not stand in the way."""
        return [] if self._is_post() else list(super().get_authenticators())

    def get_permissions(self) -> list[Any]:
        """Lists are the account's own."""
        return [] if self._is_post() else [permission() for permission in AccountView.permission_classes]

    def _is_post(self) -> bool:
        # No request is there while the API is described.
        return getattr(getattr(self, "request", None), "method", None) == "POST"

    @extend_schema(
        operation_id="tokens", summary="My tokens", responses={200: TokenSerializer(many=True), **READ_FAULTS}
    )
    def get(self, request: Request) -> Response:
        """List the account's tokens, the newest first."""
        read_query(request, KnownFields)
        return Response([_tell(row) for row in ApiToken.objects.filter(account=account_of(request))])

    @extend_schema(
        operation_id="issue_token",
        summary="Get a token",
        auth=[],
        request=IssueFields,
        responses={201: IssuedSerializer, **faults(400, 401, 409, 415, 429, 503)},
    )
    def post(self, request: Request) -> Response:
        """Make a token that is good for 90 days; five wrong passwords lock the name for a quarter of an hour."""
        asked = read_body(request, IssueFields)
        account = authenticate(asked_as_page(request), username=asked["username"], password=asked["password"])
        if not isinstance(account, User):
            raise WrongPassword
        try:
            issued = tokens.issue(account=account, name=asked["name"])
        except tokens.TooManyTokens as error:
            raise TooMany(str(error)) from error
        return Response({**_tell(issued.row), "token": issued.token}, CREATED)


class TokenView(AccountView):
    """One token of the account."""

    @extend_schema(
        operation_id="revoke_token",
        summary="Revoke a token",
        request=None,
        responses={204: None, **faults(400, 401, 403, 404, 429, 503)},
    )
    def delete(self, request: Request, token_id: int) -> Response:
        """End a token at once; a program may end its own."""
        mine = get_object_or_404(ApiToken, account=account_of(request), pk=token_id)
        tokens.revoke(account=account_of(request), token_id=mine.pk)
        return Response(status=204)


def _tell(row: ApiToken) -> dict[str, Any]:
    return {
        "token_id": row.pk,
        "name": row.name,
        "made_at": row.made_at,
        "expires_at": row.expires_at,
        "used_at": row.used_at,
    }
