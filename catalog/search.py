"""Search: full text over the catalogue, the last word also as a prefix, and what to offer when nothing fits."""

import re
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import Count, F, Q

from catalog.models import Category, Product
from catalog.models.querysets import ProductQuerySet

MAX_RESULTS = 48
MAX_QUERY_LENGTH = 100
MAX_SUGGESTIONS = 6
# What the shopper excludes or quotes is left to websearch; only a plain last word is also tried as a prefix.
PLAIN_LAST_WORD = re.compile(r"^(?P<before>.*?)(?P<last>[^\W_]+)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """`products` best first, each with its lowest ask; `is_cut` when more matched than are shown."""

    words: str
    products: list[Product]
    is_cut: bool


def clean_words(words: str) -> str:
    """The words as they are searched for: single spaces, nothing that no database takes, `MAX_QUERY_LENGTH` at most."""
    return " ".join(words.replace("\x00", " ").split())[:MAX_QUERY_LENGTH]


def find_products(words: str) -> ProductQuerySet:
    """The listed products that match, best first; none for empty words. Nothing is read yet.

    Args:
        words: free text; quotes, `or` and a leading minus work as on search engines.
    """
    cleaned = clean_words(words)
    listed = Product.objects.listed()
    if not cleaned:
        return listed.none()
    query = _query(cleaned)
    return (
        listed.filter(search_document=query)
        .annotate(rank=SearchRank(F("search_document"), query))
        .order_by("-rank", "-released_on", "sku")
    )


def search_products(words: str, *, limit: int = MAX_RESULTS) -> SearchResult:
    """Find listed products by what a shopper typed; two queries at most.

    Args:
        words: as for `find_products`.
        limit: the most products to return.

    Returns:
        The best matches; none for empty words.
    """
    cleaned = clean_words(words)
    if not cleaned:
        return SearchResult("", [], is_cut=False)
    skus = list(find_products(cleaned).values_list("sku", flat=True)[: limit + 1])
    products = Product.objects.with_quotes().in_order(skus[:limit]) if skus else []
    return SearchResult(cleaned, products, is_cut=len(skus) > limit)


def popular_categories(limit: int = MAX_SUGGESTIONS) -> list[Category]:
    """The categories with the most listed products: somewhere to go from an empty result."""
    listed = Count("products", filter=Q(products__in=Product.objects.listed()))
    return list(Category.objects.annotate(n_listed=listed).filter(n_listed__gt=0).order_by("-n_listed", "name")[:limit])


def _query(words: str) -> SearchQuery:
    whole = SearchQuery(words, search_type="websearch", config="simple")
    plain = PLAIN_LAST_WORD.match(words)
    if plain is None or words.count('"') % 2 or plain["before"].endswith("-"):
        return whole
    prefix = SearchQuery(f"{plain['last']}:*", search_type="raw", config="simple")
    before = plain["before"].strip()
    if not before:
        return prefix
    return whole | (SearchQuery(before, search_type="websearch", config="simple") & prefix)
