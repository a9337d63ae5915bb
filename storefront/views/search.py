"""The one search box: what matches, what one may have meant, and suggestions while one types."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from catalog.facets import FacetName
from catalog.models import Product
from catalog.search import clean_words, find_products, popular_categories
from catalog.spelling import correct_words
from catalog.suggesting import suggest as find_suggestions
from recommendations import shared_lists
from storefront.listing import NEWEST, PRICE_TITLES, Listing

N_POPULAR, N_MEANT = 4, 8
PER_PAGE = 24
SEARCH = "search"
BEST_MATCH = "best-match"
FACETS: tuple[FacetName, ...] = ("category", "brand", "price", "colour")


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    words = clean_words(request.GET.get("q", ""))
    listing = Listing(
        request,
        find_products(words),
        facets=FACETS,
        titles={BEST_MATCH: "Best match", NEWEST: "Newest", **PRICE_TITLES},
        list_key="",
        per_page=PER_PAGE,
        words=words,
    )
    sorting, products = listing.sorting, listing.products
    context = {
        "query": words,
        "listing": listing,
        "sorting": sorting,
        "marked": sorting.mark(products, row=SEARCH, click="search_click", rung=SEARCH),
    }
    if not products and not listing.is_narrowed:
        context |= _help(words)
    return render(request, "search/index.html", context)


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """What the box offers while one types: a fragment, the same for everybody, kept by the browser for a minute."""
    words = clean_words(request.GET.get("q", ""))
    context = {"found": find_suggestions(words), "whole": f"{reverse('search')}?{urlencode({'q': words})}"}
    response = render(request, "search/_suggestions.html", context)
    response["Cache-Control"] = "private, max-age=60"
    return response


def _help(words: str) -> dict[str, object]:
    """Something to go on with from an empty result: what may have been meant and finds, else what others buy."""
    meant = correct_words(words)
    if meant:
        skus = list(find_products(meant).values_list("sku", flat=True)[:N_MEANT])
        return {"meant": meant, "shown": Product.objects.with_quotes().with_last_sales().in_order(skus)}
    popular = shared_lists.read(shared_lists.MOST_POPULAR)[:N_POPULAR]
    return {
        "suggestions": popular_categories(),
        "shown": Product.objects.available().with_last_sales().in_order(popular),
    }
