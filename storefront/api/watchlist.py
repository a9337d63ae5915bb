"""The account's watchlist: what is on it and what it costs now; put on, take off."""

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import watching
from catalog.exceptions import WatchlistFull
from catalog.models import Watch
from recommendations.events.middleware import ShopperRequest
from storefront.api.authentication import account_of
from storefront.api.commands import CREATED
from storefront.api.errors import READ_FAULTS, WRITE_FAULTS, faults
from storefront.api.paging import Order, PageFields, page_of, read_page
from storefront.api.products import ProductSerializer, describe_product, find_product
from storefront.api.requests import asked_as_page, read_query, shopper_of
from storefront.api.views import AccountView

LATEST = Order(("-watched_at", "-pk"))


class WatchedSerializer(serializers.Serializer[Any]):
    """One product on the list."""

    product = ProductSerializer()
    watched_at = serializers.DateTimeField()
    then_cents = serializers.IntegerField(allow_null=True, help_text="What it cost when it came here.")
    drop_cents = serializers.IntegerField(help_text="How much less it costs now; 0 where it does not.")


class WatchlistFullFault(APIException):
    """The list holds as many as it may."""

    status_code = 409
    default_code = WatchlistFull.code


class WatchlistView(AccountView):
    """The whole list."""

    @extend_schema(
        operation_id="watchlist",
        summary="My watchlist",
        parameters=[PageFields],
        responses={200: page_of(WatchedSerializer, "WatchlistPage"), **READ_FAULTS},
    )
    def get(self, request: Request) -> Response:
        """List what the account watches, the latest first."""
        page = read_page(request, watching.watchlist(account_of(request)), LATEST, read_query(request, PageFields))
        return Response({"next": page.next_url, "results": [_tell(request, row) for row in page.rows]})


class WatchView(AccountView):
    """One product on the list."""

    @extend_schema(
        operation_id="watch",
        summary="Watch a product",
        request=None,
        responses={201: ProductSerializer, 200: ProductSerializer, **WRITE_FAULTS},
    )
    def put(self, request: Request, sku: str) -> Response:
        """Put a product on the list at its price of now; 200 where it is there already."""
        found = find_product(sku)
        try:
            is_new = watching.watch(account=account_of(request), product_id=found.pk)
        except WatchlistFull as error:
            raise WatchlistFullFault(str(error)) from error
        if is_new:
            events = cast("ShopperRequest", asked_as_page(request)).events
            events.record("watch", found.sku, shopper=shopper_of(request))
        return Response(describe_product(request, found), CREATED if is_new else 200)

    @extend_schema(
        operation_id="unwatch",
        summary="Watch it no more",
        request=None,
        responses={204: None, **faults(400, 401, 403, 404, 429, 503)},
    )
    def delete(self, request: Request, sku: str) -> Response:
        """Take a product off the list; what is not on it is off it already."""
        watching.unwatch(account=account_of(request), product_id=find_product(sku).pk)
        return Response(status=204)


def _tell(request: Request, row: Watch) -> dict[str, Any]:
    watched = watching.as_watched(row)
    return {
        "product": describe_product(request, watched.product),
        "watched_at": watched.watched_at,
        "then_cents": watched.then_cents,
        "drop_cents": watched.drop_cents,
    }
