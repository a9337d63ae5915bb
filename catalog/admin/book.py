"""Bids, asks and trades; to be read only, since the book alone writes them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from catalog.admin.filters import presence_filter
from catalog.admin.reading import ReadOnlyMixin, tell_amount
from catalog.models import Ask, Bid, Trade

BY_DROP = presence_filter("origin", without="Of the book", having="Of a drop")
BY_SELLER = presence_filter("seller", without="The house", having="Accounts")
BY_PRODUCT = ("variant__product__sku", "variant__product__name")


class _OfferAdmin(ReadOnlyMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    show_full_result_count = False

    @admin.display(description="Price", ordering="price_cents")
    def price(self, offer: Ask | Bid) -> str:
        return tell_amount(offer.price_cents)


@admin.register(Bid)
class BidAdmin(_OfferAdmin):
    list_display = ("id", "variant", "price", "status", "buyer", "placed_at", "expires_at")
    list_filter = ("status",)
    list_select_related = ("variant__product", "buyer")
    search_fields = (*BY_PRODUCT, "buyer__username")


@admin.register(Ask)
class AskAdmin(_OfferAdmin):
    list_display = ("id", "variant", "price", "status", "sold_by", "placed_at", "expires_at")
    list_filter = ("status", ("drop", BY_DROP), ("seller", BY_SELLER))
    list_select_related = ("variant__product", "seller")
    search_fields = (*BY_PRODUCT, "seller__username")

    @admin.display(description="Seller", ordering="seller")
    def sold_by(self, ask: Ask) -> str:
        return "the house" if ask.seller is None else str(ask.seller)


@admin.register(Trade)
class TradeAdmin(ReadOnlyMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("id", "variant", "price", "source", "buyer", "sold_by", "traded_at")
    list_filter = ("source",)
    list_select_related = ("variant__product", "buyer", "seller")
    search_fields = (*BY_PRODUCT, "buyer__username", "seller__username")
    show_full_result_count = False

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """Words in names, or the number of the trade itself."""
        if search_term.isdecimal():
            return queryset.filter(pk=int(search_term[:18])), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="Price", ordering="price_cents")
    def price(self, trade: Trade) -> str:
        return tell_amount(trade.price_cents)

    @admin.display(description="Seller", ordering="seller")
    def sold_by(self, trade: Trade) -> str:
        if trade.seller is not None:
            return str(trade.seller)
        return "the house" if trade.source == Trade.Source.MARKET else ""
