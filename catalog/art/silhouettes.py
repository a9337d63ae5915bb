"""The shapes of each category: named proportions that a template turns into outlines."""

from dataclasses import dataclass
from typing import Literal, get_args

Category = Literal[
    "low-tops",
    "high-tops",
    "runners",
    "hoodies",
    "caps",
    "watches",
    "tees",
    "slides",
    "backpacks",
    "headphones",
    "handhelds",
    "trading-cards",
]
CATEGORIES: tuple[Category, ...] = get_args(Category)


@dataclass(frozen=True, slots=True)
class Silhouette:
    """Proportions 0..1 and two choices; each template says what they mean for its shape.

    `height` is the collar, hood or crown, `length` the toe, body or brim, `thickness` the sole,
    rib or bezel, `split` the panel arrangement and `detail` the hardware.
    """

    name: str
    height: float
    length: float
    thickness: float
    split: int
    detail: int


SILHOUETTES: dict[Category, tuple[Silhouette, ...]] = {
    "low-tops": (
        Silhouette("court", 0.5, 0.5, 0.45, 0, 0),
        Silhouette("skate", 0.3, 0.7, 0.35, 1, 1),
        Silhouette("terrace", 0.4, 0.3, 0.2, 2, 0),
        Silhouette("platform", 0.6, 0.5, 1.0, 0, 1),
        Silhouette("tennis", 0.7, 0.4, 0.3, 3, 1),
    ),
    "high-tops": (
        Silhouette("hoops", 0.75, 0.6, 0.6, 0, 0),
        Silhouette("canvas", 0.6, 0.4, 0.35, 1, 1),
        Silhouette("strap", 0.85, 0.6, 0.75, 2, 2),
        Silhouette("mid", 0.2, 0.5, 0.5, 0, 1),
        Silhouette("boot", 1.0, 0.7, 0.9, 3, 0),
    ),
    "runners": (
        Silhouette("tempo", 0.4, 0.4, 0.5, 0, 0),
        Silhouette("chunky", 0.7, 0.7, 1.0, 1, 1),
        Silhouette("racer", 0.2, 0.2, 0.7, 2, 0),
        Silhouette("trail", 0.6, 0.6, 0.6, 1, 2),
        Silhouette("heritage", 0.5, 0.5, 0.25, 3, 1),
    ),
    "hoodies": (
        Silhouette("regular", 0.5, 0.5, 0.5, 0, 0),
        Silhouette("boxy", 0.6, 0.15, 0.6, 0, 1),
        Silhouette("zip", 0.5, 0.55, 0.5, 1, 0),
        Silhouette("raglan", 0.4, 0.6, 0.4, 2, 0),
        Silhouette("blocked", 0.6, 0.4, 0.6, 3, 1),
    ),
    "caps": (
        Silhouette("dad", 0.2, 0.5, 0.8, 0, 0),
        Silhouette("snapback", 0.8, 0.6, 0.2, 0, 1),
        Silhouette("trucker", 0.9, 0.6, 0.4, 1, 1),
        Silhouette("five-panel", 0.4, 0.3, 0.3, 2, 2),
        Silhouette("two-tone", 0.5, 0.6, 0.5, 3, 0),
    ),
    "watches": (
        Silhouette("chronograph", 0.6, 0.6, 0.5, 0, 0),
        Silhouette("diver", 0.7, 0.7, 0.9, 1, 1),
        Silhouette("dress", 0.3, 0.4, 0.1, 2, 0),
        Silhouette("field", 0.4, 0.5, 0.4, 3, 2),
        Silhouette("cushion", 0.7, 0.5, 0.6, 0, 3),
    ),
    "tees": (
        Silhouette("classic", 0.5, 0.5, 0.4, 0, 0),
        Silhouette("boxy", 0.3, 0.0, 1.0, 0, 1),
        Silhouette("ringer", 0.6, 0.4, 0.2, 1, 0),
        Silhouette("raglan", 0.6, 0.6, 0.5, 2, 0),
        Silhouette("blocked", 0.4, 0.7, 0.6, 3, 0),
    ),
    "slides": (
        Silhouette("pool", 0.5, 0.5, 0.4, 0, 0),
        Silhouette("cushion", 0.8, 0.7, 0.9, 0, 1),
        Silhouette("buckle", 0.4, 0.5, 0.3, 1, 2),
        Silhouette("sport", 0.6, 0.4, 0.5, 2, 0),
        Silhouette("platform", 0.5, 0.6, 1.0, 3, 1),
    ),
    "backpacks": (
        Silhouette("daypack", 0.5, 0.5, 0.5, 0, 0),
        Silhouette("rolltop", 0.7, 0.6, 0.4, 1, 1),
        Silhouette("rucksack", 0.6, 0.5, 0.7, 2, 2),
        Silhouette("commuter", 0.8, 0.3, 0.2, 3, 1),
        Silhouette("mini", 0.0, 0.4, 0.9, 0, 2),
    ),
    "headphones": (
        Silhouette("studio", 0.6, 0.6, 0.7, 0, 0),
        Silhouette("travel", 0.5, 0.5, 0.4, 1, 1),
        Silhouette("retro", 0.4, 0.2, 0.2, 2, 2),
        Silhouette("monitor", 0.7, 0.8, 0.9, 0, 3),
        Silhouette("club", 0.8, 0.7, 0.5, 1, 0),
    ),
    "handhelds": (
        Silhouette("wide", 0.5, 0.6, 0.4, 0, 0),
        Silhouette("pocket", 0.6, 0.4, 0.5, 1, 0),
        Silhouette("clamshell", 0.5, 0.5, 0.5, 2, 1),
        Silhouette("pro", 0.7, 0.9, 0.7, 0, 1),
        Silhouette("micro", 0.2, 0.2, 0.9, 1, 1),
    ),
    "trading-cards": (
        Silhouette("base", 0.5, 0.5, 0.4, 0, 0),
        Silhouette("foil", 0.5, 0.5, 0.2, 1, 1),
        Silhouette("framed", 0.5, 0.5, 0.9, 2, 0),
        Silhouette("relic", 0.5, 0.5, 0.5, 3, 1),
        Silhouette("graded", 0.5, 0.5, 0.3, 1, 2),
    ),
}


def find_silhouette(category: Category, name: str) -> Silhouette:
    """The silhouette of `category` called `name`.

    Raises:
        ValueError: no such silhouette; the message lists those there are.
    """
    for silhouette in SILHOUETTES[category]:
        if silhouette.name == name:
            return silhouette
    known = ", ".join(silhouette.name for silhouette in SILHOUETTES[category])
    raise ValueError(f"silhouette {name!r} is unknown for {category}; use one of: {known}")
