"""The market of one product: quotes, open bids and asks by price, last sales, and prices day by day."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import book
from catalog.book import Level
from catalog.limits import MAX_ID
from catalog.models import Product, Variant
from storefront.api.errors import ONE_FAULTS
from storefront.api.products import QuoteSerializer, describe_quotes, find_product
from storefront.api.requests import KnownFields, read_query
from storefront.api.views import ApiView


class SizeAsked(KnownFields):
    """One size, or all of them."""

    variant_id = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_ID, help_text="One size of the product; absent for all of them."
    )


class BookAsked(SizeAsked):
    """How deep into the book."""

    k = serializers.IntegerField(
        min_value=1, max_value=book.MOST_LEVELS, default=book.LEVELS, help_text="How many levels a side at most."
    )


class SalesAsked(SizeAsked):
    """How many sales."""

    k = serializers.IntegerField(min_value=1, max_value=book.MOST_SALES, default=10, help_text="How many at most.")


class HistoryAsked(SizeAsked):
    """Since when."""

    since = serializers.DateField(required=False, help_text="The first day, in UTC; absent for all there is.")


class LevelSerializer(serializers.Serializer[Any]):
    """How many pieces of a size stand at a price."""

    variant_id = serializers.IntegerField()
    price_cents = serializers.IntegerField()
    n_pieces = serializers.IntegerField()


class BookSerializer(serializers.Serializer[Any]):
    """What stands, the best price first."""

    bids = LevelSerializer(many=True)
    asks = LevelSerializer(many=True)


class SaleSerializer(serializers.Serializer[Any]):
    """One piece that changed hands."""

    variant_id = serializers.IntegerField()
    size = serializers.CharField()
    price_cents = serializers.IntegerField()
    traded_at = serializers.DateTimeField()


class DayPriceSerializer(serializers.Serializer[Any]):
    """What one day's sales cost."""

    day = serializers.DateField()
    median_cents = serializers.IntegerField()
    low_cents = serializers.IntegerField()
    high_cents = serializers.IntegerField()
    n_sales = serializers.IntegerField()


class QuotesView(ApiView):
    """What each size costs now."""

    @extend_schema(
        operation_id="quotes", summary="Quotes by size", responses={200: QuoteSerializer(many=True), **ONE_FAULTS}
    )
    def get(self, request: Request, sku: str) -> Response:
        """Quote every size of a product."""
        read_query(request, KnownFields)
        found = find_product(sku)
        return Response(describe_quotes(found, found.variants.select_related("quote")))


class BookView(ApiView):
    """The open bids and asks."""

    @extend_schema(
        operation_id="book",
        summary="Open bids and asks by price",
        parameters=[BookAsked],
        responses={200: BookSerializer, **ONE_FAULTS},
    )
    def get(self, request: Request, sku: str) -> Response:
        """Show what stands; never who bids or asks."""
        asked = read_query(request, BookAsked)
        of = _find(sku, asked.get("variant_id"))
        ids = [of.pk] if isinstance(of, Variant) else list(of.variants.values_list("pk", flat=True))
        found = book.levels(*ids, k=asked["k"])
        return Response({"bids": _tell(found.bids), "asks": _tell(found.asks)})


class SalesView(ApiView):
    """The last sales."""

    @extend_schema(
        operation_id="last_sales",
        summary="The last sales",
        parameters=[SalesAsked],
        responses={200: SaleSerializer(many=True), **ONE_FAULTS},
    )
    def get(self, request: Request, sku: str) -> Response:
        """List the newest sales, the last one first."""
        asked = read_query(request, SalesAsked)
        sales = book.last_sales(_find(sku, asked.get("variant_id")), asked["k"])
        return Response(
            [
                {
                    "variant_id": sale.variant_id,
                    "size": sale.size,
                    "price_cents": sale.price_cents,
                    "traded_at": sale.traded_at,
                }
                for sale in sales
            ]
        )


class HistoryView(ApiView):
    """Prices day by day."""

    @extend_schema(
        operation_id="price_history",
        summary="What sales cost, day by day",
        parameters=[HistoryAsked],
        responses={200: DayPriceSerializer(many=True), **ONE_FAULTS},
    )
    def get(self, request: Request, sku: str) -> Response:
        """List the days with sales, the earliest first; of very busy products the newest sales alone count."""
        asked = read_query(request, HistoryAsked)
        days = book.price_history(_find(sku, asked.get("variant_id")), asked.get("since"))
        return Response(
            [
                {
                    "day": day.day,
                    "median_cents": day.median_cents,
                    "low_cents": day.low_cents,
                    "high_cents": day.high_cents,
                    "n_sales": day.n_sales,
                }
                for day in days
            ]
        )


def _find(sku: str, variant_id: int | None) -> Product | Variant:
    """The product, or the one size of it that is asked for.

    Raises:
        ValidationError: it does not come in that size.
    """
    found = find_product(sku)
    if variant_id is None:
        return found
    variant = found.variants.filter(pk=variant_id).first()
    if variant is None:
        raise serializers.ValidationError({"variant_id": "This product does not come in that size."})
    return variant


def _tell(levels: tuple[Level, ...]) -> list[dict[str, int]]:
    return [
        {"variant_id": level.variant_id, "price_cents": level.price_cents, "n_pieces": level.n_pieces}
        for level in levels
    ]
