"""Products, their sizes, and what each size costs now."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.models import Drop, Product, Variant
from catalog.search import search_products
from storefront.api.errors import ONE_FAULTS, READ_FAULTS
from storefront.api.paging import Order, PageFields, page_of, read_page
from storefront.api.requests import KnownFields, read_query
from storefront.api.views import ApiView
from storefront.pictures import picture_url
from storefront.world import current_world

BY_RELEASE = Order(("-released_on", "sku"))


class ProductsAsked(PageFields):
    """Which products: the newest first, or for words the best match first, on one page."""

    category = serializers.SlugField(required=False, max_length=80, help_text="A category's slug.")
    brand = serializers.SlugField(required=False, max_length=80, help_text="A brand's slug.")
    q = serializers.CharField(required=False, max_length=100, help_text="Words; goes with no other than `limit`.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Words have an order of their own."""
        attrs = super().validate(attrs)
        beside = {"category", "brand", "cursor"} & set(attrs)
        if "q" in attrs and beside:
            raise serializers.ValidationError(dict.fromkeys(sorted(beside), "Leave it out beside q."))
        return attrs


class ProductSerializer(serializers.Serializer[Any]):
    """One product, as a card shows it."""

    sku = serializers.CharField()
    name = serializers.CharField()
    brand = serializers.CharField()
    category = serializers.CharField()
    colourway = serializers.CharField(allow_blank=True)
    released_on = serializers.DateField(help_text="In the future for a drop that is still to come.")
    retail_price_cents = serializers.IntegerField(allow_null=True)
    lowest_ask_cents = serializers.IntegerField(allow_null=True, help_text="Over all sizes; null where nobody asks.")
    price_cents = serializers.IntegerField(
        allow_null=True, help_text="What one pays now: the lowest ask, else the house's price."
    )
    currency = serializers.CharField()
    url = serializers.URLField()
    picture = serializers.URLField(help_text="An SVG that may be cached for ever.")


class QuoteSerializer(serializers.Serializer[Any]):
    """One size, and what its book says now."""

    variant_id = serializers.IntegerField(help_text="What bids, asks and orders name the size by.")
    size = serializers.CharField()
    lowest_ask_cents = serializers.IntegerField(allow_null=True)
    highest_bid_cents = serializers.IntegerField(allow_null=True)
    last_sale_cents = serializers.IntegerField(allow_null=True)
    price_cents = serializers.IntegerField(
        allow_null=True, help_text="What one pays now: the lowest ask, else the house's price."
    )
    quoted_at = serializers.DateTimeField(
        allow_null=True, help_text="When it last changed; null for a size never traded."
    )


class ProductDetailSerializer(ProductSerializer):
    """One product with its sizes."""

    description = serializers.CharField(allow_blank=True)
    opens_at = serializers.DateTimeField(allow_null=True, help_text="When its drop opens, or opened; null without one.")
    limit_per_account = serializers.IntegerField(
        allow_null=True, help_text="Pieces of the drop that one account may buy; null without a drop."
    )
    quotes = QuoteSerializer(many=True)


class ProductsView(ApiView):
    """The catalogue."""

    @extend_schema(
        operation_id="products",
        summary="Products on sale",
        parameters=[ProductsAsked],
        responses={200: page_of(ProductSerializer, "ProductPage"), **READ_FAULTS},
    )
    def get(self, request: Request) -> Response:
        """List what is on sale."""
        asked = read_query(request, ProductsAsked)
        if "q" in asked:
            found, next_url = list(search_products(asked["q"]).products[: asked["limit"]]), None
        else:
            listed = Product.objects.listed()
            for name in ("category", "brand"):
                if name in asked:
                    listed = listed.filter(**{f"{name}__slug": asked[name]})
            page = read_page(request, listed, BY_RELEASE, asked)
            found, next_url = page.rows, page.next_url
        # Prices are summed up for the page's products alone, not for the catalogue.
        shown = Product.objects.with_quotes().in_order([product.sku for product in found])
        return Response({"next": next_url, "results": [describe_product(request, product) for product in shown]})


class ProductView(ApiView):
    """One product."""

    @extend_schema(
        operation_id="product",
        summary="One product and its sizes",
        responses={200: ProductDetailSerializer, **ONE_FAULTS},
    )
    def get(self, request: Request, sku: str) -> Response:
        """Describe a product; also a drop that is announced and not open yet."""
        read_query(request, KnownFields)
        found = find_product(sku)
        variants = list(found.variants.select_related("quote"))
        drop = Drop.objects.filter(product=found).first()
        return Response(
            {
                **describe_product(request, found),
                "description": found.description,
                "opens_at": drop.opens_at if drop else None,
                "limit_per_account": drop.limit_per_account if drop else None,
                "quotes": describe_quotes(found, variants),
            }
        )


def find_product(sku: str) -> Product:
    """An announced product with its lowest ask.

    Raises:
        Http404: there is none.
    """
    # PostgreSQL takes no NUL, and no SKU holds one.
    announced = Product.objects.announced().with_quotes().select_related("brand", "category")
    return get_object_or_404(announced, sku=sku.replace("\0", ""))


def describe_product(request: Request, product: Product) -> dict[str, Any]:
    """A product, as `ProductSerializer` says; it must come from `with_quotes()`."""
    lowest_ask_cents: int | None = getattr(product, "lowest_ask_cents", None)
    return {
        "sku": product.sku,
        "name": product.name,
        "brand": product.brand.name,
        "category": product.category.name,
        "colourway": product.colourway,
        "released_on": product.released_on,
        "retail_price_cents": product.retail_price_cents,
        "lowest_ask_cents": lowest_ask_cents,
        "price_cents": product.house_price_cents if lowest_ask_cents is None else lowest_ask_cents,
        "currency": current_world().currency,
        "url": request.build_absolute_uri(reverse("product", args=[product.slug])),
        "picture": request.build_absolute_uri(picture_url(product)),
    }


def describe_quotes(product: Product, variants: Iterable[Variant]) -> list[dict[str, Any]]:
    """The sizes, as `QuoteSerializer` says; they must come with their quotes."""
    return [_quote(product, variant) for variant in variants]


def _quote(product: Product, variant: Variant) -> dict[str, Any]:
    try:
        quote = variant.quote
    except ObjectDoesNotExist:
        quote = None
    lowest_ask_cents = quote.lowest_ask_cents if quote else None
    return {
        "variant_id": variant.pk,
        "size": variant.size,
        "lowest_ask_cents": lowest_ask_cents,
        "highest_bid_cents": quote.highest_bid_cents if quote else None,
        "last_sale_cents": quote.last_sale_cents if quote else None,
        "price_cents": product.house_price_cents if lowest_ask_cents is None else lowest_ask_cents,
        "quoted_at": quote.updated_at if quote else None,
    }
