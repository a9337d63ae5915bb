"""The account's bids: place, look at, change and cancel."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import services
from catalog.models import Bid
from storefront import checkout
from storefront.accounts.models import User
from storefront.api.authentication import account_of
from storefront.api.commands import CREATED, PlacedSerializer, PlaceFields, StandingFields, tell_placed
from storefront.api.errors import ONE_FAULTS, READ_FAULTS, WRITE_FAULTS
from storefront.api.fields import ToldChoice
from storefront.api.paging import NEWEST, PageFields, page_of, read_page
from storefront.api.requests import KEY_PARAMETER, KnownFields, read_body, read_key, read_query, shopper_of
from storefront.api.views import MarketView


class BidsAsked(PageFields):
    """Which bids."""

    status = ToldChoice(choices=Bid.Status.choices, required=False, help_text="Absent for all.")


class BidSerializer(serializers.Serializer[Any]):
    """One bid."""

    bid_id = serializers.IntegerField()
    sku = serializers.CharField()
    variant_id = serializers.IntegerField()
    size = serializers.CharField()
    price_cents = serializers.IntegerField()
    status = serializers.ChoiceField(choices=Bid.Status.choices)
    placed_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class BidsView(MarketView):
    """All bids of the account."""

    @extend_schema(
        operation_id="bids",
        summary="My bids",
        parameters=[BidsAsked],
        responses={200: page_of(BidSerializer, "BidPage"), **READ_FAULTS},
    )
    def get(self, request: Request) -> Response:
        """List the account's bids, the newest first."""
        asked = read_query(request, BidsAsked)
        mine = _mine(account_of(request))
        if "status" in asked:
            mine = mine.filter(status=asked["status"])
        page = read_page(request, mine, NEWEST, asked)
        return Response({"next": page.next_url, "results": [_tell(bid) for bid in page.rows]})

    @extend_schema(
        operation_id="place_bid",
        summary="Bid",
        parameters=[KEY_PARAMETER],
        request=PlaceFields,
        responses={201: PlacedSerializer, **WRITE_FAULTS},
    )
    def post(self, request: Request) -> Response:
        """Bid for one piece; at the lowest ask or above it buys at once, at that ask's price."""
        key, asked = read_key(request), read_body(request, PlaceFields)
        placed = checkout.place_bid(
            **asked, buyer=account_of(request), shopper=shopper_of(request), idempotency_key=key
        )
        return tell_placed(placed, CREATED, is_buyer=True)


class BidView(MarketView):
    """One bid of the account."""

    @extend_schema(operation_id="bid", summary="One bid", responses={200: BidSerializer, **ONE_FAULTS})
    def get(self, request: Request, bid_id: int) -> Response:
        """Show a bid."""
        read_query(request, KnownFields)
        return Response(_tell(get_object_or_404(_mine(account_of(request)), pk=bid_id)))

    @extend_schema(
        operation_id="edit_bid",
        summary="Change a bid",
        parameters=[KEY_PARAMETER],
        request=StandingFields,
        responses={200: PlacedSerializer, **WRITE_FAULTS},
    )
    def put(self, request: Request, bid_id: int) -> Response:
        """Give a standing bid another price and expiry; a new price goes to the end of its line, or is met at once."""
        mine = get_object_or_404(_mine(account_of(request)), pk=bid_id)
        key, asked = read_key(request), read_body(request, StandingFields)
        placed = checkout.edit_bid(
            **asked, bid_id=mine.pk, buyer=account_of(request), shopper=shopper_of(request), idempotency_key=key
        )
        return tell_placed(placed, is_buyer=True)

    @extend_schema(
        operation_id="cancel_bid",
        summary="Cancel a bid",
        parameters=[KEY_PARAMETER],
        request=None,
        responses={204: None, **WRITE_FAULTS},
    )
    def delete(self, request: Request, bid_id: int) -> Response:
        """Take a standing bid out of the book."""
        mine = get_object_or_404(_mine(account_of(request)), pk=bid_id)
        services.cancel_bid(bid_id=mine.pk, buyer=account_of(request), idempotency_key=read_key(request))
        return Response(status=204)


def _mine(account: User) -> QuerySet[Bid]:
    """The account's own; another's does not exist for it."""
    return Bid.objects.filter(buyer=account).select_related("variant__product")


def _tell(bid: Bid) -> dict[str, Any]:
    return {
        "bid_id": bid.pk,
        "sku": bid.variant.product.sku,
        "variant_id": bid.variant_id,
        "size": bid.variant.size,
        "price_cents": bid.price_cents,
        "status": bid.status,
        "placed_at": bid.placed_at,
        "expires_at": bid.expires_at,
    }
