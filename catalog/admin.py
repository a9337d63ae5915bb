"""Products, brands and categories are edited; asks and trades are looked at."""

from typing import Any

from django.contrib import admin

from catalog.models import Ask, Brand, Category, Product, Trade, Variant


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that only services write."""

    def has_add_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        return False

    def has_change_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        return False

    def has_delete_permission(self, *_args: Any, **_kwargs: Any) -> bool:
        return False


class SizeInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Variant
    extra = 0
    fields = ("size", "position")


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "sku", "brand", "category", "released_on", "is_listed")
    list_filter = ("is_listed", "category")
    list_select_related = ("brand", "category")
    search_fields = ("name", "sku", "brand__name")
    date_hierarchy = "released_on"
    prepopulated_fields = {"slug": ("name", "colourway")}
    autocomplete_fields = ("brand",)
    inlines = (SizeInline,)
    show_full_result_count = False


@admin.register(Brand)
class BrandAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "slug")
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "slug", "position")
    list_editable = ("position",)
    search_fields = ("name",)
    prepopulated_fields = {"slug": ("name",)}


@admin.register(Ask)
class AskAdmin(ReadOnlyAdmin):
    list_display = ("id", "variant", "price_cents", "status", "seller", "placed_at", "expires_at")
    list_filter = ("status",)
    list_select_related = ("variant__product", "seller")
    search_fields = ("variant__product__sku", "variant__product__name")
    show_full_result_count = False


@admin.register(Trade)
class TradeAdmin(ReadOnlyAdmin):
    list_display = ("id", "variant", "price_cents", "buyer", "traded_at")
    list_select_related = ("variant__product", "buyer")
    search_fields = ("variant__product__sku", "variant__product__name", "buyer__username")
    show_full_result_count = False
