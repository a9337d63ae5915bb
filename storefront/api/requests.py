"""What a request to the API says: its parameters and body, its key, and whose history it adds to."""

import secrets
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from recommendations.events.cookie import Consent
from recommendations.events.identity import identity_of
from recommendations.ports import Shopper
from storefront.access.models import ApiToken

KEY = "Idempotency-Key"
KEY_PARAMETER = OpenApiParameter(
    KEY,
    {"type": "string", "format": "uuid"},
    OpenApiParameter.HEADER,
    required=True,
    description="A UUID of your own for this command. The same key again has the same outcome and does nothing more.",
)


class KnownFields(serializers.Serializer[Any]):
    """Parameters or a body; what is not known is refused, so that a typing error does not pass unseen."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what is no field."""
        unknown = sorted(set(self.initial_data) - set(self.fields))
        if unknown:
            known = ", ".join(self.fields) or "none"
            raise serializers.ValidationError(dict.fromkeys(unknown, f"There is no such parameter; use {known}."))
        return attrs


def asked_as_page(request: Request) -> HttpRequest:
    """The request as the middlewares left it: shopper and page view are kept there."""
    return request._request  # noqa: SLF001 - the framework has no other name for it


def read_query(request: Request, serializer: type[KnownFields]) -> Mapping[str, Any]:
    """The query's parameters.

    Raises:
        ValidationError: naming each that is wrong.
    """
    return _read(serializer(data=request.query_params.dict()))


def read_body(request: Request, serializer: type[KnownFields]) -> Mapping[str, Any]:
    """The body's fields.

    Raises:
        ValidationError: naming each that is wrong.
    """
    return _read(serializer(data=request.data))


def read_key(request: Request) -> UUID:
    """The command's key.

    Raises:
        ValidationError: there is none, or it is no UUID.
    """
    try:
        return UUID(request.headers.get(KEY, ""))
    except ValueError as error:
        fault = "Send a UUID of your own for this command, so that asking twice does it once."
        raise serializers.ValidationError({KEY: fault}) from error


def shopper_of(request: Request) -> Shopper:
    """Whose history a command adds to.

    A page's is its device's. A token's is its account's: programs keep no cookie, and where the shop must ask before
    it records, nobody asked them.
    """
    identity = identity_of(asked_as_page(request))
    if not isinstance(request.auth, ApiToken):
        return identity.shopper
    key = request.auth.account.shopper_key or ""
    may_record = bool(key) and identity.may_track(Consent.UNASKED)
    return Shopper(key, secrets.token_hex(8), has_consent=may_record)


def _read(serializer: KnownFields) -> Mapping[str, Any]:
    serializer.is_valid(raise_exception=True)
    fields: Mapping[str, Any] = serializer.validated_data
    return fields
