"""Brand, Category, Product and Variant (one size of a product)."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Func, GeneratedField, Q, Value
from django.db.models.lookups import Exact

from catalog.models.querysets import ProductQuerySet


class Brand(models.Model):
    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Category(models.Model):
    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """One model in one colourway; its SKU is the ITEM_ID of every interaction."""

    sku = models.CharField("SKU", max_length=64, unique=True)
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=220, unique=True)
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="products")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="products")
    colourway = models.CharField(max_length=80, blank=True)
    description = models.TextField(blank=True)
    # Brand, category and colour words, so that one search vector over one table finds them.
    keywords = models.TextField(blank=True)
    attributes = models.JSONField(default=dict, blank=True)
    retail_price_cents = models.PositiveIntegerField(null=True, blank=True)
    # Where nobody asks, the house sells at this price; null means that it does not.
    house_price_cents = models.PositiveIntegerField(null=True, blank=True)
    # In the future for a drop: announced, and neither listed nor sold before that day begins in UTC.
    released_on = models.DateField()
    is_listed = models.BooleanField(default=True)
    search_document = GeneratedField(
        expression=SearchVector("name", weight="A", config="simple")
        + SearchVector("keywords", weight="B", config="simple")
        + SearchVector("description", weight="C", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects: ClassVar[models.Manager["Product"]] = ProductQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        indexes = [
            GinIndex(fields=["search_document"], name="product_search"),
            models.Index(fields=["-released_on", "sku"], name="product_released"),
            models.Index(fields=["category", "-released_on"], name="product_category_released"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(sku=""), name="product_sku_given"),
            # Pages look names up in them.
            models.CheckConstraint(
                condition=Exact(
                    Func("attributes", function="jsonb_typeof", output_field=models.TextField()), Value("object")
                ),
                name="product_attributes_named",
            ),
            models.CheckConstraint(
                condition=Q(house_price_cents__isnull=True) | Q(house_price_cents__gt=0),
                name="product_house_price_positive",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Variant(models.Model):
    """One size of a product: what is actually bought and sold."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="variants")
    size = models.CharField(max_length=24)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["product", "position"]
        constraints = [models.UniqueConstraint(fields=["product", "size"], name="variant_size_once")]

    def __str__(self) -> str:
        return f"{self.product} · {self.size}"
