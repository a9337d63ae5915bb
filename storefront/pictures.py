"""A product's pictures: their versioned addresses, and the drawings behind them."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from catalog.art.neutral import draw_neutral
from catalog.art.render import alt_text, draw
from catalog.art.spec import ArtSpec
from catalog.art.views import View, view_title, views_of
from catalog.models import Product

# Raise it whenever a drawing function changes, so that browsers fetch pictures anew.
DRAWING_VERSION = 1


def picture_version(product: Product) -> str:
    """Eight hex digits that change with whatever the drawing depends on."""
    parts = [DRAWING_VERSION, product.sku, product.name, product.category.slug, product.attributes]
    return f"{zlib.crc32(json.dumps(parts, sort_keys=True).encode()):08x}"


@dataclass(frozen=True, slots=True)
class Picture:
    """One view as a gallery shows it: `title` names the view, `words` say what is to be seen."""

    view: View
    title: str
    address: str
    words: str


def picture_url(product: Product, view: View = "side") -> str:
    """The picture's address; safe to cache for ever."""
    query = {"v": picture_version(product)} | ({} if view == "side" else {"view": view})
    return f"{reverse('art', args=[product.sku])}?{urlencode(query)}"


def picture_of(product: Product, view: View = "side") -> str:
    """The product's drawing as an SVG document; a calm card for what has no drawing of its own.

    Raises:
        ValueError: the product has no such view.
    """
    spec = _spec(product.sku, product.category.slug, product.attributes)
    if spec is not None:
        return draw(spec, view)
    if view != "side":
        raise ValueError(f"view {view!r} is unknown for a product without a drawing; use side")
    return draw_neutral(product.sku, product.name)


def picture_words(product: Product) -> str:
    """What the picture shows, for those who do not see it."""
    spec = _spec(product.sku, product.category.slug, product.attributes)
    return product.name if spec is None else alt_text(spec)


def gallery_of(product: Product) -> list[Picture]:
    """Every view of the product, the one that its card shows first; that one alone for what has no drawing."""
    spec = _spec(product.sku, product.category.slug, product.attributes)
    if spec is None:
        return [Picture("side", "Picture", picture_url(product), product.name)]
    return [
        Picture(view, view_title(spec.category, view), picture_url(product, view), alt_text(spec, view))
        for view in views_of(spec.category)
    ]


def _spec(sku: str, category: str, attributes: Mapping[str, Any]) -> ArtSpec | None:
    if "silhouette" not in attributes:
        return None
    try:
        return ArtSpec.from_attributes(sku, category, attributes)
    except ValueError:
        return None
