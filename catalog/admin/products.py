"""Products with their sizes, brands and categories; to be edited."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from catalog import conf
from catalog.dropping import MAX_AHEAD
from catalog.limits import MAX_PRICE_CENTS
from catalog.models import Brand, Category, Drop, Product, Variant


class SizeInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Variant
    extra = 0
    fields = ("size", "position")


class ProductForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        labels = {"retail_price_cents": "Retail price, in cents", "house_price_cents": "House price, in cents"}
        help_texts = {"house_price_cents": "What the house sells it for where nobody asks. Empty: it does not."}

    def clean_house_price_cents(self) -> int | None:
        """None, or a price that an order may have, for a product that does not drop."""
        cents: int | None = self.cleaned_data["house_price_cents"]
        if cents is not None and not 0 < cents <= MAX_PRICE_CENTS:
            raise forms.ValidationError(f"Give 1 to {MAX_PRICE_CENTS} cents, or leave it empty.", code="range")
        if cents is not None and self._has_drop():
            raise forms.ValidationError(
                "A product that drops sells no more than its stock: leave this empty, and give the drop more pieces.",
                code="drops",
            )
        return cents

    def clean_released_on(self) -> date:
        """A day within two years; that of a product that drops is its drop's."""
        day: date = self.cleaned_data["released_on"]
        if "released_on" in self.changed_data and self._has_drop():
            raise forms.ValidationError("It comes out with its drop: move that one instead.", code="drops")
        if day > (conf.now() + MAX_AHEAD).date():
            raise forms.ValidationError("Give a day within the next two years.", code="range")
        return day

    def clean_attributes(self) -> dict[str, str | int | float | bool]:
        """Names, each with a plain value: pictures and facets are made of them."""
        given: Any = self.cleaned_data["attributes"]
        if given is None:
            return {}
        if not isinstance(given, dict) or not all(isinstance(each, str | int | float) for each in given.values()):
            raise forms.ValidationError(
                'Write names with a text, a number, true or false each: {"colour": "black"}', code="shape"
            )
        return given

    def _has_drop(self) -> bool:
        return Drop.objects.filter(product_id=self.instance.pk).exists()


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = ProductForm
    list_display = ("name", "sku", "brand", "category", "released_on", "is_listed")
    list_filter = ("is_listed", "category")
    list_select_related = ("brand", "category")
    search_fields = ("name", "sku", "brand__name")
    date_hierarchy = "released_on"
    prepopulated_fields = {"slug": ("name", "colourway")}
    autocomplete_fields = ("brand",)
    inlines = (SizeInline,)
    show_full_result_count = False

    def get_readonly_fields(self, request: HttpRequest, obj: Product | None = None) -> tuple[str, ...]:  # noqa: ARG002
        """What shoppers did is known by its SKU: one that is there keeps it."""
        return () if obj is None else ("sku",)


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
