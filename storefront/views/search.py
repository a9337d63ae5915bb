"""The one search box."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.models import Product
from catalog.search import popular_categories, search_products
from recommendations import shared_lists
from storefront.sorting import Sorting

N_POPULAR = 4
SEARCH = "search"


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    result = search_products(request.GET.get("q", ""))
    sorting = Sorting(request, own_title="Best match", list_key="", q=result.words)
    by_sku = {product.sku: product for product in result.products}
    products = [by_sku[sku] for sku in sorting.order(list(by_sku))]
    context = {
        "query": result.words,
        "result": result,
        "sorting": sorting,
        "marked": sorting.mark(products, row=SEARCH, click="search_click", rung=SEARCH),
        "suggestions": () if products else popular_categories(),
        "popular": () if products else _popular(),
    }
    return render(request, "search/index.html", context)


def _popular() -> list[Product]:
    """Something to buy on an empty result."""
    return Product.objects.available().in_order(shared_lists.read(shared_lists.MOST_POPULAR)[:N_POPULAR])
