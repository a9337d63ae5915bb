"""A product's picture: its versioned address, and the drawing behind it."""

import json
import zlib
from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from catalog.art.neutral import draw_neutral
from catalog.art.render import alt_text, draw
from catalog.art.spec import ArtSpec
from catalog.models import Product

# Raise it whenever a drawing function changes, so that browsers fetch pictures anew.
DRAWING_VERSION = 1


def picture_version(product: Product) -> str:
    """Eight hex digits that change with whatever the drawing depends on."""
    parts = [DRAWING_VERSION, product.sku, product.name, product.category.slug, product.attributes]
    return f"{zlib.crc32(json.dumps(parts, sort_keys=True).encode()):08x}"


def picture_url(product: Product) -> str:
    """The picture's address; safe to cache for ever."""
    return f"{reverse('art', args=[product.sku])}?v={picture_version(product)}"


def picture_of(product: Product) -> str:
    """The product's drawing as an SVG document; a calm card for what has no drawing of its own."""
    spec = _spec(product.sku, product.category.slug, product.attributes)
    return draw_neutral(product.sku, product.name) if spec is None else draw(spec)


def picture_words(product: Product) -> str:
    """What the picture shows, for those who do not see it."""
    spec = _spec(product.sku, product.category.slug, product.attributes)
    return product.name if spec is None else alt_text(spec)


def _spec(sku: str, category: str, attributes: Mapping[str, Any]) -> ArtSpec | None:
    if "silhouette" not in attributes:
        return None
    try:
        return ArtSpec.from_attributes(sku, category, attributes)
    except ValueError:
        return None
