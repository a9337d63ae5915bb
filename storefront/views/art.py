"""Product pictures, drawn on demand and kept compressed in process."""

import gzip
from functools import lru_cache

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from catalog.art.views import VIEWS, View
from catalog.models import Product
from storefront.pictures import picture_of, picture_url, picture_version

MAX_KEPT = 3_000
FOR_EVER = "public, max-age=31536000, immutable"
FOR_NOW = "public, max-age=60"


class _Moved(Exception):
    """The version asked for is not the current one; drawing it anyway would let anybody keep the pencil busy."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


@require_safe
def picture(request: HttpRequest, sku: str) -> HttpResponse:
    """One view of the product at its current version, which never changes; any other version leads there."""
    view = next((view for view in VIEWS if view == request.GET.get("view", "side")), None)
    if view is None:
        raise Http404(f"view: use one of {', '.join(VIEWS)}.")
    try:
        compressed = _drawn(sku, view, request.GET.get("v", ""))
    except _Moved as moved:
        response: HttpResponse = redirect(moved.address)
        response["Cache-Control"] = FOR_NOW
        return response
    if "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", ""):
        response = HttpResponse(compressed, content_type="image/svg+xml")
        response["Content-Encoding"] = "gzip"
    else:
        response = HttpResponse(gzip.decompress(compressed), content_type="image/svg+xml")
    response["Cache-Control"] = FOR_EVER
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


@lru_cache(maxsize=MAX_KEPT)
def _drawn(sku: str, view: View, asked: str) -> bytes:
    # PostgreSQL takes no NUL, and no SKU holds one.
    product = Product.objects.select_related("category").filter(sku=sku).first() if sku.isprintable() else None
    if product is None:
        raise Http404(f"No product has the SKU {sku}.")
    if asked != picture_version(product):
        raise _Moved(picture_url(product, view))
    try:
        drawing = picture_of(product, view)
    except ValueError as error:
        raise Http404(str(error)) from error
    return gzip.compress(drawing.encode(), 6, mtime=0)


def forget_pictures() -> None:
    """Drop every kept picture; for tests."""
    _drawn.cache_clear()
