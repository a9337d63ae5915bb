"""One category's products, newest first or in the shopper's order, a page at a time."""

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from catalog.models import Category, Product
from recommendations.serving.ranking import MOST_RANKED
from storefront.paging import Headed
from storefront.sorting import Sorting, unmarked

PER_PAGE = 24


@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    shelf = get_object_or_404(Category, slug=slug)
    sorting = Sorting(request, own_title="Newest", list_key=f"category:{shelf.pk}")
    skus = Product.objects.listed().filter(category=shelf).newest().values_list("sku", flat=True)
    page = Paginator(_ordered(skus, sorting), PER_PAGE).get_page(request.GET.get("page"))
    products = Product.objects.with_quotes().in_order(list(page.object_list))
    context = {
        "category": shelf,
        "current_category": shelf.slug,
        "page": page,
        "sorting": sorting,
        # Only a list that was made for somebody is noted as theirs.
        "marked": sorting.mark(products, row="category", click="row_click") if sorting.is_asked else unmarked(products),
    }
    return render(request, "category/index.html", context)


def _ordered(skus: QuerySet[Product, str], sorting: Sorting) -> QuerySet[Product, str] | Headed:
    return Headed(sorting.order(list(skus[:MOST_RANKED])), skus) if sorting.is_asked else skus
