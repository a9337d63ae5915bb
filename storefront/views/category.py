"""One category's products, newest first, a page at a time."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from catalog.models import Category, Product

PER_PAGE = 24


@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    shelf = get_object_or_404(Category, slug=slug)
    skus = Product.objects.listed().filter(category=shelf).newest().values_list("sku", flat=True)
    page = Paginator(skus, PER_PAGE).get_page(request.GET.get("page"))
    products = Product.objects.with_quotes().in_order(list(page.object_list))
    context = {"category": shelf, "current_category": shelf.slug, "page": page, "products": products}
    return render(request, "category/index.html", context)
