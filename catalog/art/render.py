"""From a spec to its picture, its alt text and its placeholder colour."""

from collections.abc import Callable

from catalog.art.backpack import draw_backpack
from catalog.art.box import WITHIN, draw_box
from catalog.art.canvas import Canvas
from catalog.art.cap import draw_cap
from catalog.art.handheld import draw_handheld
from catalog.art.headphones import draw_headphones
from catalog.art.hoodie import draw_hoodie
from catalog.art.runner import draw_runner
from catalog.art.silhouettes import Category
from catalog.art.slide import draw_slide
from catalog.art.sneaker_high import draw_sneaker_high
from catalog.art.sneaker_low import draw_sneaker_low
from catalog.art.sole import draw_sole
from catalog.art.spec import ArtSpec
from catalog.art.studio import draw_backdrop
from catalog.art.tee import draw_tee
from catalog.art.trading_card import draw_trading_card
from catalog.art.views import FOCUS, FRAMES, View, views_of
from catalog.art.watch import draw_watch

TEMPLATES: dict[Category, Callable[[Canvas, ArtSpec], None]] = {
    "low-tops": draw_sneaker_low,
    "high-tops": draw_sneaker_high,
    "runners": draw_runner,
    "hoodies": draw_hoodie,
    "caps": draw_cap,
    "watches": draw_watch,
    "tees": draw_tee,
    "slides": draw_slide,
    "backpacks": draw_backpack,
    "headphones": draw_headphones,
    "handhelds": draw_handheld,
    "trading-cards": draw_trading_card,
}
NOUNS: dict[Category, str] = {
    "low-tops": "low-top sneaker",
    "high-tops": "high-top sneaker",
    "runners": "running shoe",
    "hoodies": "hoodie",
    "caps": "cap",
    "watches": "watch",
    "tees": "T-shirt",
    "slides": "slide sandal",
    "backpacks": "backpack",
    "headphones": "headphones",
    "handhelds": "handheld console",
    "trading-cards": "trading card",
}


def draw(spec: ArtSpec, view: View = "side") -> str:
    """One picture of `spec` as a standalone SVG document, the same bytes for the same spec and view.

    Raises:
        ValueError: products of this category have no such view.
    """
    _require_view(spec, view)
    canvas = Canvas(spec.sku)
    draw_backdrop(canvas, spec.colourway.base)
    if view == "sole":
        draw_sole(canvas, spec)
    elif view == "box":
        draw_box(canvas, spec)
        canvas.begin(transform=WITHIN)
        TEMPLATES[spec.category](canvas, spec)
        canvas.end()
    else:
        TEMPLATES[spec.category](canvas, spec)
    words = alt_text(spec, view)
    return canvas.document(words, FRAMES[spec.category]) if view == "detail" else canvas.document(words)


def alt_text(spec: ArtSpec, view: View = "side") -> str:
    """What the picture shows, in words, from the same parameters.

    Raises:
        ValueError: products of this category have no such view.
    """
    _require_view(spec, view)
    colours = spec.colourway
    finish = "" if spec.pattern == "plain" else f" with a {spec.pattern} pattern"
    shape = f"{spec.silhouette.name} {NOUNS[spec.category]}"
    match view:
        case "side":
            return f"{shape[0].upper()}{shape[1:]} in {colours.name}, {colours.family}{finish}, {spec.mark} mark"
        case "detail":
            return f"Close look at the {FOCUS[spec.category]} of the {shape} in {colours.name}{finish}"
        case "sole":
            return f"Sole of the {shape} in {colours.name} from below, {spec.mark} mark in the arch"
        case "box":
            return f"The {shape} in {colours.name}, on tissue paper in its open box, {spec.mark} mark on the lid"


def _require_view(spec: ArtSpec, view: View) -> None:
    known = views_of(spec.category)
    if view not in known:
        raise ValueError(f"view {view!r} is unknown for {spec.category}; use one of: {', '.join(known)}")
