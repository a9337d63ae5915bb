"""One category's products, newest first, by price or in the shopper's order, narrowed by facets, a page at a time."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from catalog.facets import FacetName
from catalog.models import Category, Product
from storefront.listing import NEWEST, PRICE_TITLES, Listing
from storefront.sorting import unmarked

PER_PAGE = 24
FACETS: tuple[FacetName, ...] = ("brand", "price", "size", "colour")


@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    shelf = get_object_or_404(Category, slug=slug)
    listing = Listing(
        request,
        Product.objects.listed().filter(category=shelf).newest(),
        facets=FACETS,
        titles={NEWEST: "Newest", **PRICE_TITLES},
        list_key=f"category:{shelf.pk}",
        per_page=PER_PAGE,
    )
    sorting, products = listing.sorting, listing.products
    context = {
        "category": shelf,
        "current_category": shelf.slug,
        "listing": listing,
        "sorting": sorting,
        # Only a list that was made for somebody is noted as theirs.
        "marked": sorting.mark(products, row="category", click="row_click") if sorting.is_asked else unmarked(products),
    }
    return render(request, "category/index.html", context)
