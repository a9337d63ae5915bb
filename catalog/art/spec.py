"""What one product looks like, as data: everything a drawing and its alt text are made from."""

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from catalog.art.marks import MARKS
from catalog.art.palettes import COLOURWAYS, Colourway
from catalog.art.patterns import PATTERNS
from catalog.art.silhouettes import CATEGORIES, SILHOUETTES, Category, Silhouette, find_silhouette


def seed_of(text: str) -> int:
    """A 64-bit seed from `text`, the same on every machine and Python."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


@dataclass(frozen=True, slots=True)
class ArtSpec:
    """The parameters of one picture; equal specs draw equal bytes."""

    sku: str
    category: Category
    silhouette: Silhouette
    colourway: Colourway
    pattern: str
    mark: str

    @classmethod
    def from_sku(cls, sku: str, category: str) -> Self:
        """Draw every parameter from the SKU alone, for products without attributes.

        Raises:
            ValueError: `category` has no template.
        """
        known = _category(category)
        rng = random.Random(seed_of(sku))
        return cls(
            sku=sku,
            category=known,
            silhouette=rng.choice(SILHOUETTES[known]),
            colourway=COLOURWAYS[rng.choice(sorted(COLOURWAYS))],
            pattern=rng.choice(sorted(PATTERNS)),
            mark=rng.choice(sorted(MARKS)),
        )

    @classmethod
    def from_attributes(cls, sku: str, category: str, attributes: Mapping[str, Any]) -> Self:
        """Read the parameters from a product's attributes; what is missing follows from the SKU.

        Args:
            sku: the product's SKU.
            category: the category's slug, one of `CATEGORIES`.
            attributes: `silhouette`, `palette`, `pattern` and `mark`, all names.

        Raises:
            ValueError: a name is unknown; the message says which field and what to use.
        """
        drawn = cls.from_sku(sku, category)
        palette = str(attributes.get("palette", drawn.colourway.slug))
        pattern = str(attributes.get("pattern", drawn.pattern))
        mark = str(attributes.get("mark", drawn.mark))
        _require("palette", palette, COLOURWAYS)
        _require("pattern", pattern, PATTERNS)
        _require("mark", mark, MARKS)
        silhouette = str(attributes.get("silhouette", drawn.silhouette.name))
        return cls(
            sku=sku,
            category=drawn.category,
            silhouette=find_silhouette(drawn.category, silhouette),
            colourway=COLOURWAYS[palette],
            pattern=pattern,
            mark=mark,
        )

    def random(self, purpose: str) -> random.Random:
        """A generator of its own for `purpose`, so that one detail never shifts another."""
        return random.Random(seed_of(f"{self.sku}/{purpose}"))


def _category(name: str) -> Category:
    for category in CATEGORIES:
        if category == name:
            return category
    raise ValueError(f"category {name!r} has no template; use one of: {', '.join(CATEGORIES)}")


def _require(field: str, value: str, table: Mapping[str, object]) -> None:
    if value not in table:
        raise ValueError(f"{field} {value!r} is unknown; use one of: {', '.join(sorted(table))}")
