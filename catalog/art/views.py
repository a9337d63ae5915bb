"""The views of a product's gallery: as it stands, a close look, and its sole or the box that it comes in."""

from typing import Literal, get_args

from catalog.art.canvas import Frame
from catalog.art.silhouettes import Category

View = Literal["side", "detail", "sole", "box"]
VIEWS: tuple[View, ...] = get_args(View)
SOLED: frozenset[Category] = frozenset({"low-tops", "high-tops", "runners", "slides"})
SIDEWAYS: frozenset[Category] = SOLED | {"caps"}
# Where each category is worth a close look: the mark, and the seams or parts around it.
FRAMES: dict[Category, Frame] = {
    "low-tops": (96, 128, 236),
    "high-tops": (92, 78, 262),
    "runners": (100, 120, 240),
    "hoodies": (145, 62, 215),
    "caps": (110, 90, 240),
    "watches": (150, 120, 200),
    "tees": (150, 60, 205),
    "slides": (150, 110, 250),
    "backpacks": (145, 150, 210),
    "headphones": (88, 140, 220),
    "handhelds": (105, 120, 250),
    "trading-cards": (165, 90, 170),
}
FOCUS: dict[Category, str] = {
    "low-tops": "mark, laces and stitching",
    "high-tops": "mark, laces and ankle",
    "runners": "mark, mesh and overlays",
    "hoodies": "hood, cords and mark",
    "caps": "crown, mark and brim",
    "watches": "dial and hands",
    "tees": "collar and print",
    "slides": "strap and footbed",
    "backpacks": "pocket, zip and mark",
    "headphones": "ear cup and cushion",
    "handhelds": "controls and screen",
    "trading-cards": "picture and frame",
}


def views_of(category: Category) -> tuple[View, View, View]:
    """The three views of a product of this category, in the gallery's order."""
    return ("side", "detail", "sole" if category in SOLED else "box")


def view_title(category: Category, view: View) -> str:
    """What the gallery calls the view, in one to three words."""
    match view:
        case "side":
            return "Side" if category in SIDEWAYS else "Front"
        case "detail":
            return "Detail"
        case "sole":
            return "Sole"
        case "box":
            return "In the box"
