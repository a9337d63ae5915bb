"""Names and prose: models, colourway labels, descriptions and search words."""

import random

from catalog.art.palettes import Colourway
from catalog.art.silhouettes import Category
from catalog.generation.brands import BrandIdentity

CATEGORY_NAMES: dict[Category, str] = {
    "low-tops": "Low-tops",
    "high-tops": "High-tops",
    "runners": "Runners",
    "hoodies": "Hoodies",
    "caps": "Caps",
    "watches": "Watches",
}

CODES: dict[Category, str] = {
    "low-tops": "LO",
    "high-tops": "HI",
    "runners": "RU",
    "hoodies": "HO",
    "caps": "CA",
    "watches": "WA",
}
"""The letters by which a SKU tells its category."""

_WORD_ROWS = """
Alder Amble Anchor Arbor Argent Aster Atlas Avenue Basin Beacon Birch Bramble Brook Burrow Cadence
Cairn Canopy Cedar Chart Cinder Citadel Clover Compass Copper Coppice Cove Crest Cypress Dapple
Delta Dorado Drift Dune Echo Eddy Elm Estuary Falcon Fathom Fjord Flint Forge Gable Garnet Glade
Granite Grove Halyard Harbor Hazel Heron Hollow Inlet Iris Isthmus Jasper Juniper Kiln Lantern Larch
Ledger Linden Loft Lumen Marlow Meadow Meridian Mesa Mistral Nectar Nimbus Oakum Onyx Orchard Osprey
Outpost Palisade Parade Pelican Pier Piper Pollen Quarry Quartz Quay Rafter Rally Rampart Reed Relay
Rook Rowan Saffron Sable Sextant Signal Slate Solstice Sonder Sparrow Spindle Summit Tangent Tempest
Terrace Thicket Thistle Tidal Timber Tundra Umber Vantage Verge Vesper Vireo Wander Warbler Willow
Windrow Zenith
"""
_WORDS = [word for row in _WORD_ROWS.splitlines() for word in row.split()]
_ROMAN = ("", " II", " III", " IV", " V", " VI", " VII", " VIII", " IX", " X")

_TYPES: dict[tuple[str, str], str] = {
    ("low-tops", "platform"): "Platform Low",
    ("low-tops", "terrace"): "Terrace",
    ("high-tops", "mid"): "Mid",
    ("high-tops", "boot"): "Boot",
    ("runners", "trail"): "Trail",
    ("runners", "racer"): "Racer",
    ("runners", "heritage"): "Classic",
    ("hoodies", "zip"): "Zip Hoodie",
    ("hoodies", "boxy"): "Boxy Hoodie",
    ("hoodies", "raglan"): "Raglan Hoodie",
    ("caps", "trucker"): "Trucker",
    ("caps", "snapback"): "Snapback",
    ("caps", "five-panel"): "Five-Panel",
    ("watches", "chronograph"): "Chronograph",
    ("watches", "diver"): "Diver",
    ("watches", "dress"): "Slim",
    ("watches", "field"): "Field",
    ("watches", "cushion"): "Cushion",
}
_TYPE_OF: dict[Category, str] = {
    "low-tops": "Low",
    "high-tops": "High",
    "runners": "Runner",
    "hoodies": "Hoodie",
    "caps": "Cap",
    "watches": "Automatic",
}
_MATERIALS: dict[Category, dict[str, str]] = {
    "low-tops": {"": "tumbled leather", "knit": "a close knit", "ripstop": "ripstop nylon", "check": "brushed flannel"},
    "high-tops": {"": "full-grain leather", "knit": "a dense knit", "ripstop": "ballistic ripstop", "check": "wool"},
    "runners": {"": "engineered mesh", "knit": "one-piece knit", "ripstop": "ripstop mesh"},
    "hoodies": {"": "heavy loopback cotton", "knit": "chunky knit", "ripstop": "ripstop shell", "check": "flannel"},
    "caps": {"": "washed cotton twill", "knit": "boiled knit", "ripstop": "ripstop nylon", "check": "wool check"},
    "watches": {"": "a sunray dial", "marble": "a stone dial", "knit": "a woven dial", "ripstop": "a carbon dial"},
}
_DETAILS: dict[Category, tuple[str, ...]] = {
    "low-tops": ("a stitched cupsole", "a padded collar", "a perforated toe box", "a leather-lined tongue"),
    "high-tops": ("a padded ankle", "a stitched cupsole", "a moulded heel counter", "a wrapped toe bumper"),
    "runners": ("a carved foam sole", "fused overlays", "a heel pull loop", "a rockered forefoot"),
    "hoodies": ("a double-lined hood", "ribbed cuffs and hem", "a kangaroo pocket", "flat cords with metal tips"),
    "caps": ("a pre-curved brim", "embroidered eyelets", "a cotton sweatband", "a raised front mark"),
    "watches": ("a domed sapphire crystal", "a screw-down crown", "a quick-release strap", "luminous hands"),
}
_OPENINGS = (
    "{brand}, {tagline}: the {model} in {colour}.",
    "The {model} returns in {colour}, unmistakably {brand}.",
    "{colour} on the {model}, one of {brand}'s steadiest sellers.",
    "A {family} take on the {model}, true to {brand}: {tagline}.",
)
_SYNONYMS: dict[Category, str] = {
    "low-tops": "low-top low top sneaker sneakers shoe shoes trainers",
    "high-tops": "high-top high top sneaker sneakers shoe shoes trainers",
    "runners": "runner running shoe shoes sneaker sneakers trainers",
    "hoodies": "hoodie hooded sweatshirt sweater",
    "caps": "cap hat baseball cap headwear",
    "watches": "watch wristwatch timepiece",
}


def model_name(brand: BrandIdentity, category: Category, turn: int, silhouette: str) -> str:
    """The `turn`-th model of `brand` in `category`; no name occurs twice within a brand.

    Args:
        brand: whose model it is; brands share the words in different orders.
        category: each of a brand's categories takes its own part of the words.
        turn: counts the models from 0.
        silhouette: decides the type word, such as Low, Trail or Chronograph.
    """
    words = list(_WORDS)
    random.Random(brand.code).shuffle(words)
    part = words[brand.categories.index(category) :: len(brand.categories)]
    generation, place = divmod(turn, len(part))
    kind = _TYPES.get((category, silhouette), _TYPE_OF[category])
    return f"{part[place]}{_ROMAN[generation]} {kind}"


def colourway_label(colourway: Colourway, pattern: str) -> str:
    """The colourway's name as printed: `Forest`, or `Forest Camo`."""
    return colourway.name if pattern == "plain" else f"{colourway.name} {pattern.capitalize()}"


def describe(
    brand: BrandIdentity, category: Category, model: str, colourway: Colourway, pattern: str, rng: random.Random
) -> str:
    """Two sentences for the product page."""
    opening = rng.choice(_OPENINGS).format(
        brand=brand.name, tagline=brand.tagline, model=model, colour=colourway.name, family=colourway.family
    )
    materials = _MATERIALS[category]
    first, second = rng.sample(_DETAILS[category], 2)
    material = materials.get(pattern, materials[""])
    finish = f" with a {pattern} finish" if pattern not in ("plain", *materials) else ""
    return f"{opening} {material[0].upper()}{material[1:]}{finish}, {first} and {second}."


def keywords(brand: BrandIdentity, category: Category, silhouette: str, colourway: Colourway, pattern: str) -> str:
    """The words beside its name by which a shopper finds a product."""
    words = [brand.name, CATEGORY_NAMES[category], _SYNONYMS[category], silhouette, colourway.family]
    if pattern != "plain":
        words.append(pattern)
    return " ".join(words)
