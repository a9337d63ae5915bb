"""The account's asks: place, look at, change and cancel."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import services
from catalog.models import Ask
from storefront import checkout
from storefront.accounts.models import User
from storefront.api.authentication import account_of
from storefront.api.commands import CREATED, PlacedSerializer, PlaceFields, StandingFields, tell_placed
from storefront.api.errors import ONE_FAULTS, READ_FAULTS, WRITE_FAULTS
from storefront.api.fields import ToldChoice
from storefront.api.paging import NEWEST, PageFields, page_of, read_page
from storefront.api.requests import KEY_PARAMETER, KnownFields, read_body, read_key, read_query, shopper_of
from storefront.api.views import MarketView


class AsksAsked(PageFields):
    """Which asks."""

    status = ToldChoice(choices=Ask.Status.choices, required=False, help_text="Absent for all.")


class AskSerializer(serializers.Serializer[Any]):
    """One ask."""

    ask_id = serializers.IntegerField()
    sku = serializers.CharField()
    variant_id = serializers.IntegerField()
    size = serializers.CharField()
    price_cents = serializers.IntegerField()
    status = serializers.ChoiceField(choices=Ask.Status.choices)
    placed_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True, help_text="Null where it stands until it is met.")


class AsksView(MarketView):
    """All asks of the account."""

    @extend_schema(
        operation_id="asks",
        summary="My asks",
        parameters=[AsksAsked],
        responses={200: page_of(AskSerializer, "AskPage"), **READ_FAULTS},
    )
    def get(self, request: Request) -> Response:
        """List the account's asks, the newest first."""
        asked = read_query(request, AsksAsked)
        mine = _mine(account_of(request))
        if "status" in asked:
            mine = mine.filter(status=asked["status"])
        page = read_page(request, mine, NEWEST, asked)
        return Response({"next": page.next_url, "results": [_tell(ask) for ask in page.rows]})

    @extend_schema(
        operation_id="place_ask",
        summary="Ask",
        parameters=[KEY_PARAMETER],
        request=PlaceFields,
        responses={201: PlacedSerializer, **WRITE_FAULTS},
    )
    def post(self, request: Request) -> Response:
        """Offer one piece for sale; at the highest bid or below it sells at once, at that bid's price."""
        key, asked = read_key(request), read_body(request, PlaceFields)
        placed = checkout.place_ask(
            **asked, seller=account_of(request), shopper=shopper_of(request), idempotency_key=key
        )
        return tell_placed(placed, CREATED, is_buyer=False)


class AskView(MarketView):
    """One ask of the account."""

    @extend_schema(operation_id="ask", summary="One ask", responses={200: AskSerializer, **ONE_FAULTS})
    def get(self, request: Request, ask_id: int) -> Response:
        """Show an ask."""
        read_query(request, KnownFields)
        return Response(_tell(get_object_or_404(_mine(account_of(request)), pk=ask_id)))

    @extend_schema(
        operation_id="edit_ask",
        summary="Change an ask",
        parameters=[KEY_PARAMETER],
        request=StandingFields,
        responses={200: PlacedSerializer, **WRITE_FAULTS},
    )
    def put(self, request: Request, ask_id: int) -> Response:
        """Give a standing ask another price and expiry; a new price goes to the end of its line, or is met at once."""
        mine = get_object_or_404(_mine(account_of(request)), pk=ask_id)
        key, asked = read_key(request), read_body(request, StandingFields)
        placed = checkout.edit_ask(
            **asked, ask_id=mine.pk, seller=account_of(request), shopper=shopper_of(request), idempotency_key=key
        )
        return tell_placed(placed, is_buyer=False)

    @extend_schema(
        operation_id="cancel_ask",
        summary="Cancel an ask",
        parameters=[KEY_PARAMETER],
        request=None,
        responses={204: None, **WRITE_FAULTS},
    )
    def delete(self, request: Request, ask_id: int) -> Response:
        """Take a standing ask out of the book."""
        mine = get_object_or_404(_mine(account_of(request)), pk=ask_id)
        services.cancel_ask(ask_id=mine.pk, seller=account_of(request), idempotency_key=read_key(request))
        return Response(status=204)


def _mine(account: User) -> QuerySet[Ask]:
    """The account's own; another's does not exist for it."""
    return Ask.objects.filter(seller=account).select_related("variant__product")


def _tell(ask: Ask) -> dict[str, Any]:
    return {
        "ask_id": ask.pk,
        "sku": ask.variant.product.sku,
        "variant_id": ask.variant_id,
        "size": ask.variant.size,
        "price_cents": ask.price_cents,
        "status": ask.status,
        "placed_at": ask.placed_at,
        "expires_at": ask.expires_at,
    }
