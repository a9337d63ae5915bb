"""Product cards as finished HTML, kept in process for seconds, so that a homepage renders no card twice."""

import re
import time
from collections.abc import Iterable

from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import mark_safe

from catalog.models import Product

TTL_S = 10.0
MAX_KEPT = 5_000
# Stand in the kept HTML where the token of a shopper's click on this card goes, and why it stands before them.
TOKEN_PLACEHOLDER = "RECOMMENDATION-TOKEN"  # noqa: S105
BECAUSE_PLACEHOLDER = mark_safe("<!--because-->")
HIDE_BUTTON = re.compile(r'<button class="card-hide".*?</button>\n?', re.DOTALL)
# Names change less often than prices.
NAME_TTL_S = 600.0

_kept: dict[str, tuple[str, float]] = {}
_names: dict[str, tuple[str, float]] = {}


def cards_for(skus: Iterable[str], *, named: Iterable[str] = ()) -> dict[str, str]:
    """The cards of those SKUs that are listed, in at most one query; at most ten seconds old.

    Args:
        skus: whose cards.
        named: further SKUs whose names are wanted, which that query reads along; see `name_of`.
    """
    wanted = list(skus)
    now_s = time.monotonic()
    missing = [sku for sku in wanted if _kept.get(sku, ("", -TTL_S))[1] < now_s - TTL_S]
    unnamed = [sku for sku in named if _names.get(sku, ("", -NAME_TTL_S))[1] < now_s - NAME_TTL_S]
    if missing or unnamed:
        _read(missing, unnamed)
    return {sku: _kept[sku][0] for sku in wanted if sku in _kept}


def name_of(sku: str) -> str:
    """The name of a product that `cards_for` was asked for; empty where the catalogue does not list it."""
    return _names.get(sku, ("", 0.0))[0]


def finish_card(card: str, *, token: str = "", because: str = "") -> str:
    """The card as one shopper gets it.

    Args:
        card: from `cards_for`.
        token: of a click on it, carried by its link; none for who may not be recorded, and so can hide nothing either.
        because: why it stands here, in plain words; nothing where there is no reason.
    """
    if token:
        card = card.replace(TOKEN_PLACEHOLDER, token)
    else:
        card = HIDE_BUTTON.sub("", card.replace(f"?r={TOKEN_PLACEHOLDER}", ""))
    reason = f'<span class="card-because">{escape(because)}</span>' if because else ""
    return card.replace(BECAUSE_PLACEHOLDER, reason)


def forget_cards() -> None:
    """Drop every kept card; for tests and after bulk changes."""
    _kept.clear()
    _names.clear()


def _read(skus: list[str], named: list[str]) -> None:
    if len(_kept) + len(skus) > MAX_KEPT:
        _kept.clear()
    if len(_names) + len(skus) + len(named) > MAX_KEPT:
        _names.clear()
    read_at = time.monotonic()
    for sku in skus:
        _kept.pop(sku, None)
    # What is not found is not looked for at each page either.
    _names.update((sku, ("", read_at)) for sku in named)
    to_render = set(skus)
    for product in Product.objects.listed().with_quotes().with_last_sales().in_order([*skus, *named]):
        _names[product.sku] = (product.name, read_at)
        if product.sku in to_render:
            _kept[product.sku] = (_render(product), read_at)


def _render(product: Product) -> str:
    context = {"product": product, "token": TOKEN_PLACEHOLDER, "because": BECAUSE_PLACEHOLDER, "hides": True}
    return render_to_string("home/_product_card.html", context)
