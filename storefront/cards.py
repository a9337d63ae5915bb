"""Product cards as finished HTML, kept in process for seconds, so that a homepage renders no card twice."""

import time
from collections.abc import Iterable, Sequence

from django.template.loader import render_to_string

from catalog.models import Product

TTL_S = 10.0
MAX_KEPT = 5_000
# Stands in the kept HTML where the token of a shopper's click on this card goes.
TOKEN_PLACEHOLDER = "RECOMMENDATION-TOKEN"  # noqa: S105

_kept: dict[str, tuple[str, float]] = {}


def cards_for(skus: Iterable[str]) -> dict[str, str]:
    """The cards of those SKUs that are listed, in at most one query; at most ten seconds old."""
    wanted = list(skus)
    fresh_after = time.monotonic() - TTL_S
    missing = [sku for sku in wanted if _kept.get(sku, ("", -TTL_S))[1] < fresh_after]
    if missing:
        _render(missing)
    return {sku: _kept[sku][0] for sku in wanted if sku in _kept}


def with_token(card: str, token: str) -> str:
    """The card with its link carrying the token of a click on it, or none where there is none."""
    return card.replace(TOKEN_PLACEHOLDER, token) if token else card.replace(f"?r={TOKEN_PLACEHOLDER}", "")


def forget_cards() -> None:
    """Drop every kept card; for tests and after bulk changes."""
    _kept.clear()


def _render(skus: Sequence[str]) -> None:
    products = Product.objects.listed().with_quotes().in_order(skus)
    if len(_kept) + len(skus) > MAX_KEPT:
        _kept.clear()
    rendered_at = time.monotonic()
    for sku in skus:
        _kept.pop(sku, None)
    for product in products:
        html = render_to_string("home/_product_card.html", {"product": product, "token": TOKEN_PLACEHOLDER})
        _kept[product.sku] = (html, rendered_at)
