"""Products with their sizes, brands and categories; to be edited."""

from django.contrib import admin

from catalog.models import Brand, Category, Product, Variant


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
