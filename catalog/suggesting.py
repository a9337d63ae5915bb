"""Suggestions while a shopper types: brands, categories and models, each found by the beginning of its words."""

from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from catalog.models import Brand, Category, Product
from catalog.search import clean_words, find_products

FEWEST_LETTERS = 2
MAX_PLACES = 3
MAX_PRODUCTS = 5
# Colourways of one model stand side by side in a result: so many are read to find that many models.
READ_FOR_MODELS = 40
Place = TypeVar("Place", Brand, Category)


@dataclass(frozen=True, slots=True)
class SuggestedProduct:
    """The best match among a model's colourways, and how many others match as well."""

    product: Product
    n_others: int


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What to offer under the search box; everything is empty while too little is typed."""

    words: str
    brands: tuple[Brand, ...] = ()
    categories: tuple[Category, ...] = ()
    products: tuple[SuggestedProduct, ...] = ()


def suggest(words: str) -> Suggestions:
    """What the shopper may mean by what is typed so far; at most four queries.

    Args:
        words: as typed; only the last word need not be whole.

    Returns:
        At most `MAX_PLACES` brands, as many categories, and `MAX_PRODUCTS` models that are listed, with their asks.
    """
    cleaned = clean_words(words)
    if len(cleaned) < FEWEST_LETTERS:
        return Suggestions(cleaned)
    listed = Product.objects.listed()
    return Suggestions(
        cleaned,
        tuple(_named(Brand.objects.filter(Exists(listed.filter(brand=OuterRef("pk")))), cleaned)),
        tuple(_named(Category.objects.filter(Exists(listed.filter(category=OuterRef("pk")))), cleaned)),
        tuple(_models(cleaned)),
    )


def _named(places: "QuerySet[Place]", words: str) -> "QuerySet[Place]":
    """Those whose name, or a word of it, begins with what is typed."""
    begins = Q(name__istartswith=words) | Q(spaced__icontains=f" {words}")
    return places.alias(spaced=Concat(Value(" "), "name")).filter(begins).order_by("name")[:MAX_PLACES]


def _models(words: str) -> list[SuggestedProduct]:
    found = find_products(words).values_list("sku", "brand_id", "attributes__model")[:READ_FOR_MODELS]
    best: dict[object, list[str]] = {}
    for sku, brand_id, model in found:
        best.setdefault((brand_id, model) if model else sku, []).append(sku)
    chosen = list(best.values())[:MAX_PRODUCTS]
    products = Product.objects.with_quotes().in_order([skus[0] for skus in chosen]) if chosen else []
    by_sku = {product.sku: product for product in products}
    return [SuggestedProduct(by_sku[skus[0]], len(skus) - 1) for skus in chosen if skus[0] in by_sku]
