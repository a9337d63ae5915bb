"""Names and prose: models, colourway labels, descriptions and search words."""

import random
from collections.abc import Sequence

from catalog.art.palettes import Colourway
from catalog.art.silhouettes import Category
from catalog.generation.brands import BrandIdentity
from catalog.generation.vocabulary import (
    CATEGORY_NAMES,
    DETAILS,
    MATERIALS,
    OPENINGS,
    ROMAN,
    SYNONYMS,
    TYPE_OF,
    TYPES,
    WORDS,
)


def model_name(brand: BrandIdentity, category: Category, turn: int, silhouette: str) -> str:
    """The `turn`-th model of `brand` in `category`; no name occurs twice within a brand.

    Args:
        brand: whose model it is; brands share the words in different orders.
        category: those of a brand's categories that draw on the same words take a part each.
        turn: counts the models from 0.
        silhouette: decides the type word, such as Low, Trail, Rolltop or Chronograph.
    """
    words = list(WORDS[category])
    random.Random(brand.code).shuffle(words)
    sharing = [other for other in brand.categories if WORDS[other] is WORDS[category]]
    part = words[sharing.index(category) :: len(sharing)]
    generation, place = divmod(turn, len(part))
    kind = TYPES.get((category, silhouette), TYPE_OF[category])
    return f"{part[place]}{ROMAN[generation]} {kind}"


def colourway_label(colourway: Colourway, pattern: str) -> str:
    """The colourway's name as printed: `Forest`, or `Forest Camo`."""
    return colourway.name if pattern == "plain" else f"{colourway.name} {pattern.capitalize()}"


def describe(
    brand: BrandIdentity,
    category: Category,
    model: str,
    colourway: Colourway,
    pattern: str,
    rng: random.Random,
    *,
    openings: Sequence[str] = OPENINGS,
) -> str:
    """Two sentences for the product page, the first after one of `openings`."""
    opening = rng.choice(openings).format(
        brand=brand.name, tagline=brand.tagline, model=model, colour=colourway.name, family=colourway.family
    )
    materials = MATERIALS[category]
    first, second = rng.sample(DETAILS[category], 2)
    material = materials.get(pattern, materials[""])
    finish = f" with a {pattern} finish" if pattern not in ("plain", *materials) else ""
    return f"{opening} {material[0].upper()}{material[1:]}{finish}, {first} and {second}."


def keywords(brand: BrandIdentity, category: Category, silhouette: str, colourway: Colourway, pattern: str) -> str:
    """The words beside its name by which a shopper finds a product."""
    words = [brand.name, CATEGORY_NAMES[category], SYNONYMS[category], silhouette, colourway.family]
    if pattern != "plain":
        words.append(pattern)
    return " ".join(words)
