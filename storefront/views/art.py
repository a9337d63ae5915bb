"""Product pictures, drawn on demand and kept compressed in process."""

import gzip
from dataclasses import dataclass
from functools import lru_cache

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from catalog.models import Product
from storefront.pictures import picture_of, picture_version

MAX_KEPT = 2_000
FOR_EVER = "public, max-age=31536000, immutable"
FOR_NOW = "public, max-age=60"


@dataclass(frozen=True, slots=True)
class Drawing:
    """A finished picture: its version and its bytes, compressed."""

    version: str
    compressed: bytes


@require_safe
def picture(request: HttpRequest, sku: str) -> HttpResponse:
    """The product's picture; an address with the current version never changes, any other is asked for again."""
    asked = request.GET.get("v", "")
    drawing = _drawing(sku, asked)
    if "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", ""):
        response = HttpResponse(drawing.compressed, content_type="image/svg+xml")
        response["Content-Encoding"] = "gzip"
    else:
        response = HttpResponse(gzip.decompress(drawing.compressed), content_type="image/svg+xml")
    response["Cache-Control"] = FOR_EVER if asked == drawing.version else FOR_NOW
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def _drawing(sku: str, asked: str) -> Drawing:
    """The kept drawing of the asked version; a version that is not current is looked up but never kept."""
    try:
        return _kept(sku, asked)
    except _NotCurrent as stale:
        return stale.drawing


class _NotCurrent(Exception):
    def __init__(self, drawing: Drawing) -> None:
        super().__init__(drawing.version)
        self.drawing = drawing


@lru_cache(maxsize=MAX_KEPT)
def _kept(sku: str, asked: str) -> Drawing:
    product = Product.objects.select_related("category").filter(sku=sku).first()
    if product is None:
        raise Http404(f"No product has the SKU {sku}.")
    version = picture_version(product)
    drawing = Drawing(version, gzip.compress(picture_of(product).encode(), 6, mtime=0))
    if asked != version:
        raise _NotCurrent(drawing)
    return drawing


def forget_pictures() -> None:
    """Drop every kept picture; for tests."""
    _kept.cache_clear()
