"""The tables that names and prose are made from: words, type words, materials, details and search words."""

from catalog.art.silhouettes import Category

CATEGORY_NAMES: dict[Category, str] = {
    "low-tops": "Low-tops",
    "high-tops": "High-tops",
    "runners": "Runners",
    "hoodies": "Hoodies",
    "caps": "Caps",
    "watches": "Watches",
    "tees": "Tees",
    "slides": "Slides",
    "backpacks": "Backpacks",
    "headphones": "Headphones",
    "handhelds": "Handhelds",
    "trading-cards": "Trading cards",
}

CODES: dict[Category, str] = {
    "low-tops": "LO",
    "high-tops": "HI",
    "runners": "RU",
    "hoodies": "HO",
    "caps": "CA",
    "watches": "WA",
    "tees": "TE",
    "slides": "SL",
    "backpacks": "BP",
    "headphones": "HP",
    "handhelds": "HH",
    "trading-cards": "TC",
}
"""The letters by which a SKU tells its category."""

_PLACES_AND_PLANTS = """
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
_THINGS_AND_TUNES = """
Acrobat Almanac Ampersand Anthem Arcade Aurora Badger Ballad Beaker Bellows Bobbin Bonfire Brio Cabin Cadenza Cameo
Caravan Carousel Cascade Catapult Chime Chorus Cipher Clarion Coda Cobble Confetti Corsair Crescent Cricket Domino
Dragonfly Drumlin Encore Ferry Fiddle Firefly Foxglove Gambit Gazette Gondola Gramophone Hamlet Harlequin Hopscotch
Hummingbird Jamboree Jukebox Kazoo Kestrel Lagoon Lark Lyric Magpie Mandolin Marble Marquee Mosaic Motif Nocturne
Oboe Octave Otter Pantry Paper Pavilion Pennant Picnic Pinwheel Polka Puffin Puzzle Quartet Quill Refrain Riddle
Satchel Semaphore Serenade Skipper Sonnet Spinner Sundial Swallow Tandem Tango Tinsel Trinket Trolley Ukulele Verse
Whistle Windmill Yonder Zeppelin Zither
"""


def _listed(rows: str) -> tuple[str, ...]:
    return tuple(word for row in rows.splitlines() for word in row.split())


_PLACES, _THINGS = _listed(_PLACES_AND_PLANTS), _listed(_THINGS_AND_TUNES)
WORDS: dict[Category, tuple[str, ...]] = {
    "low-tops": _PLACES,
    "high-tops": _PLACES,
    "runners": _PLACES,
    "hoodies": _PLACES,
    "caps": _PLACES,
    "watches": _PLACES,
    "tees": _THINGS,
    "slides": _THINGS,
    "backpacks": _THINGS,
    "headphones": _THINGS,
    "handhelds": _THINGS,
    "trading-cards": _THINGS,
}
ROMAN = ("", " II", " III", " IV", " V", " VI", " VII", " VIII", " IX", " X")

TYPES: dict[tuple[str, str], str] = {
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
    ("tees", "boxy"): "Pocket Tee",
    ("tees", "ringer"): "Ringer Tee",
    ("tees", "raglan"): "Raglan Tee",
    ("tees", "blocked"): "Block Tee",
    ("slides", "cushion"): "Cushion Slide",
    ("slides", "buckle"): "Buckle Slide",
    ("slides", "sport"): "Sport Slide",
    ("slides", "platform"): "Platform Slide",
    ("backpacks", "rolltop"): "Rolltop",
    ("backpacks", "rucksack"): "Rucksack",
    ("backpacks", "commuter"): "Commuter Pack",
    ("backpacks", "mini"): "Mini Pack",
    ("headphones", "travel"): "Travel Headphones",
    ("headphones", "retro"): "Retro Headphones",
    ("headphones", "monitor"): "Monitor Headphones",
    ("headphones", "club"): "Club Headphones",
    ("handhelds", "pocket"): "Pocket Console",
    ("handhelds", "clamshell"): "Fold Console",
    ("handhelds", "pro"): "Handheld Pro",
    ("handhelds", "micro"): "Micro Console",
    ("trading-cards", "foil"): "Foil Card",
    ("trading-cards", "framed"): "Framed Card",
    ("trading-cards", "relic"): "Relic Card",
    ("trading-cards", "graded"): "Graded Card",
}
TYPE_OF: dict[Category, str] = {
    "low-tops": "Low",
    "high-tops": "High",
    "runners": "Runner",
    "hoodies": "Hoodie",
    "caps": "Cap",
    "watches": "Automatic",
    "tees": "Tee",
    "slides": "Slide",
    "backpacks": "Daypack",
    "headphones": "Studio Headphones",
    "handhelds": "Handheld",
    "trading-cards": "Base Card",
}
MATERIALS: dict[Category, dict[str, str]] = {
    "low-tops": {"": "tumbled leather", "knit": "a close knit", "ripstop": "ripstop nylon", "check": "brushed flannel"},
    "high-tops": {"": "full-grain leather", "knit": "a dense knit", "ripstop": "ballistic ripstop", "check": "wool"},
    "runners": {"": "engineered mesh", "knit": "one-piece knit", "ripstop": "ripstop mesh"},
    "hoodies": {"": "heavy loopback cotton", "knit": "chunky knit", "ripstop": "ripstop shell", "check": "flannel"},
    "caps": {"": "washed cotton twill", "knit": "boiled knit", "ripstop": "ripstop nylon", "check": "wool check"},
    "watches": {"": "a sunray dial", "marble": "a stone dial", "knit": "a woven dial", "ripstop": "a carbon dial"},
    "tees": {"": "combed cotton jersey", "knit": "an open knit", "ripstop": "ripstop cotton", "check": "woven check"},
    "slides": {"": "moulded foam", "knit": "a knitted strap", "ripstop": "a ripstop strap", "check": "a flannel strap"},
    "backpacks": {"": "coated canvas", "knit": "felted knit", "ripstop": "ballistic ripstop", "check": "waxed cotton"},
    "headphones": {"": "anodised aluminium", "marble": "a marbled shell", "ripstop": "a carbon-weave shell"},
    "handhelds": {"": "a matt moulded shell", "marble": "a marbled shell", "ripstop": "a carbon-weave shell"},
    "trading-cards": {"": "heavy card stock", "marble": "marbled stock", "check": "linen-pressed stock"},
}
DETAILS: dict[Category, tuple[str, ...]] = {
    "low-tops": ("a stitched cupsole", "a padded collar", "a perforated toe box", "a leather-lined tongue"),
    "high-tops": ("a padded ankle", "a stitched cupsole", "a moulded heel counter", "a wrapped toe bumper"),
    "runners": ("a carved foam sole", "fused overlays", "a heel pull loop", "a rockered forefoot"),
    "hoodies": ("a double-lined hood", "ribbed cuffs and hem", "a kangaroo pocket", "flat cords with metal tips"),
    "caps": ("a pre-curved brim", "embroidered eyelets", "a cotton sweatband", "a raised front mark"),
    "watches": ("a domed sapphire crystal", "a screw-down crown", "a quick-release strap", "luminous hands"),
    "tees": ("a ribbed collar", "double-needle hems", "a taped neck", "a water-based print"),
    "slides": ("a contoured footbed", "a padded strap", "a grooved outsole", "a deep heel cup"),
    "backpacks": ("a padded laptop sleeve", "water-resistant zips", "a ventilated back", "a hidden key pocket"),
    "headphones": ("forty hours on a charge", "memory-foam cushions", "40 mm drivers", "a folding hinge"),
    "handhelds": ("a laminated screen", "ten hours on a charge", "crisp shoulder keys", "a socket for headphones"),
    "trading-cards": ("a numbered back", "a spot-gloss picture", "gilded edges", "a printed signature"),
}
OPENINGS = (
    "{brand}, {tagline}: the {model} in {colour}.",
    "The {model} returns in {colour}, unmistakably {brand}.",
    "{colour} on the {model}, one of {brand}'s steadiest sellers.",
    "A {family} take on the {model}, true to {brand}: {tagline}.",
)
DROP_OPENINGS = (
    "{brand} gives the {model} one run only, in {colour}.",
    "A single release of the {model} in {colour}, and no second one.",
    "Made once, {family} all over: the {model}. {brand}, {tagline}.",
)
SYNONYMS: dict[Category, str] = {
    "low-tops": "low-top low top sneaker sneakers shoe shoes trainers",
    "high-tops": "high-top high top sneaker sneakers shoe shoes trainers",
    "runners": "runner running shoe shoes sneaker sneakers trainers",
    "hoodies": "hoodie hooded sweatshirt sweater",
    "caps": "cap hat baseball cap headwear",
    "watches": "watch wristwatch timepiece",
    "tees": "tee t-shirt tshirt shirt top",
    "slides": "slide sandal sandals slipper pool shoes",
    "backpacks": "backpack bag rucksack daypack",
    "headphones": "headphones headphone headset audio over-ear",
    "handhelds": "handheld console portable gaming game",
    "trading-cards": "card cards trading collectible collectibles",
}
