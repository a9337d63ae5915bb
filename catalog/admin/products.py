"""Products with their sizes, brands and categories; to be edited."""

from django import forms
from django.contrib import admin

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
        """None, or more than 0, for a product that does not drop."""
        cents: int | None = self.cleaned_data["house_price_cents"]
        if cents is not None and Drop.objects.filter(product_id=self.instance.pk).exists():
            raise forms.ValidationError(
                "A product that drops sells no more than its stock: leave this empty, and give the drop more pieces.",
                code="drops",
            )
        return cents


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
