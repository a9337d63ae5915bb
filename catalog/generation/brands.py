"""The invented brands of the demo catalogue, each with a character that its products follow."""

from dataclasses import dataclass

from catalog.art.silhouettes import Category


@dataclass(frozen=True, slots=True)
class BrandIdentity:
    """What makes a brand's products recognisable.

    `price_level` is 0 (entry) to 1 (luxury), `fame` 0..1 lifts hype; `families` are the colour
    families it favours and `patterns` the finishes it uses beside plain.
    """

    name: str
    code: str
    tagline: str
    mark: str
    categories: tuple[Category, ...]
    price_level: float
    fame: float
    families: tuple[str, ...]
    patterns: tuple[str, ...]

    @property
    def slug(self) -> str:
        """The name as it stands in addresses and attributes."""
        return self.name.lower()


BRANDS: tuple[BrandIdentity, ...] = (
    BrandIdentity(
        "Kestrow", "KES", "built for the last mile of the day", "kite", ("runners", "high-tops", "caps", "slides"),
        0.45, 0.75, ("orange", "black", "blue"), ("knit", "fade", "splatter"),
    ),
    BrandIdentity(
        "Tarnholt", "TAR", "made for weather, worn in town", "ridge", ("runners", "hoodies", "watches", "backpacks"),
        0.55, 0.5, ("green", "brown", "grey"), ("ripstop", "camo"),
    ),
    BrandIdentity(
        "Ondaro", "OND", "the court, kept simple", "comet",
        ("low-tops", "high-tops", "hoodies", "tees", "trading-cards"),
        0.4, 0.9, ("red", "white", "black"), ("fade", "splatter"),
    ),
    BrandIdentity(
        "Velquist", "VEL", "northern calm, cut clean", "gate", ("low-tops", "watches", "headphones"),
        0.75, 0.45, ("white", "grey", "teal"), ("marble", "knit"),
    ),
    BrandIdentity(
        "Marrowby", "MAR", "workwear that outlives the work", "anvil", ("high-tops", "hoodies", "caps", "backpacks"),
        0.5, 0.4, ("brown", "blue", "green"), ("check", "ripstop"),
    ),
    BrandIdentity(
        "Huxtide", "HUX", "salt, sun and grip tape", "sail",
        ("low-tops", "hoodies", "caps", "tees", "slides"),
        0.25, 0.6, ("teal", "yellow", "pink"), ("wave", "splatter", "check"),
    ),
    BrandIdentity(
        "Nalvo", "NAL", "technical pieces for loud cities", "lattice",
        ("runners", "high-tops", "hoodies", "headphones", "handhelds"),
        0.7, 0.8, ("black", "purple", "grey"), ("ripstop", "fade", "knit"),
    ),
    BrandIdentity(
        "Ferrowick", "FER", "small machines, honestly priced", "dial", ("watches", "caps", "handhelds"),
        0.35, 0.35, ("blue", "brown", "black"), ("marble", "ripstop"),
    ),
    BrandIdentity(
        "Brakenfell", "BRA", "soft things for hard trails", "fern", ("runners", "hoodies", "caps"),
        0.3, 0.45, ("green", "orange", "brown"), ("camo", "knit", "wave"),
    ),
    BrandIdentity(
        "Zephrane", "ZEP", "sport shapes in evening cloth", "prism",
        ("low-tops", "high-tops", "watches", "tees"),
        0.95, 0.7, ("white", "pink", "purple"), ("marble", "fade"),
    ),
    BrandIdentity(
        "Calvoro", "CAL", "a hundred small decisions", "moth", ("low-tops", "watches"),
        0.85, 0.55, ("red", "brown", "blue"), ("marble", "check"),
    ),
    BrandIdentity(
        "Duskrow", "DUS", "drawn after midnight", "ember", ("high-tops", "caps", "tees", "trading-cards"),
        0.6, 0.95, ("black", "red", "purple"), ("camo", "splatter", "marble"),
    ),
    BrandIdentity(
        "Orrinday", "ORR", "the good old pace", "sprig", ("low-tops", "runners", "slides"),
        0.3, 0.65, ("grey", "blue", "yellow"), ("knit", "wave"),
    ),
    BrandIdentity(
        "Lodenby", "LOD", "field gear with manners", "tent", ("runners", "watches", "backpacks"),
        0.5, 0.3, ("green", "white", "orange"), ("ripstop", "check"),
    ),
    BrandIdentity(
        "Quillmere", "QUI", "quiet machines for long evenings", "pebble", ("headphones", "handhelds", "trading-cards"),
        0.65, 0.6, ("grey", "teal", "white"), ("marble", "fade", "knit"),
    ),
)  # fmt: skip
