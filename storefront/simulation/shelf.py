"""The shelf: the products a simulated shopper may look at, as columns of small integers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

# A release this hyped is awaited like a drop.
AWAITED_HYPE = 0.9
ATTRIBUTES = ("colour", "silhouette", "pattern", "price_tier")


@dataclass(frozen=True, slots=True)
class ShelfItem:
    """One product as the simulation sees it.

    `hype` is 0..1, `released_s` in epoch seconds; the release of an awaited one draws a rush.
    """

    sku: str
    brand: str
    category: str
    colour: str
    silhouette: str
    pattern: str
    price_tier: str
    hype: float
    price_cents: int
    released_s: float
    is_awaited: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Shelf:
    """Items grouped by theme, a theme being one brand's products of one category.

    Attributes:
        skus: the ITEM_ID of each item, ascending; length n_items.
        theme: theme of each item, shape (n_items,).
        theme_brand, theme_category: shape (n_themes,).
        theme_items: item indices of each theme, padded with -1, shape (n_themes, widest).
        theme_opens_s: release of each theme's first item, epoch seconds, shape (n_themes,).
        attributes: one code array of shape (n_items,) for each name of `ATTRIBUTES`.
        hype: popularity with everybody, in standard deviations, shape (n_items,).
        price_cents, released_s, is_awaited: shape (n_items,).
    """

    skus: tuple[str, ...]
    theme: NDArray[np.intp]
    theme_brand: NDArray[np.intp]
    theme_category: NDArray[np.intp]
    theme_items: NDArray[np.intp]
    theme_opens_s: NDArray[np.float64]
    attributes: dict[str, NDArray[np.intp]]
    hype: NDArray[np.float64]
    price_cents: NDArray[np.float64]
    released_s: NDArray[np.float64]
    is_awaited: NDArray[np.bool_]

    @property
    def n_items(self) -> int:
        """The number of items."""
        return len(self.skus)

    @property
    def n_themes(self) -> int:
        """The number of pairs of brand and category that have a product."""
        return len(self.theme_brand)

    @classmethod
    def build(cls, items: Sequence[ShelfItem]) -> Self:
        """Order and encode the items, so that their order of arrival changes nothing.

        Raises:
            ValueError: there are no items.
        """
        if not items:
            raise ValueError("The shelf is empty; seed the catalogue first.")
        ordered = sorted(items, key=lambda item: item.sku)
        pairs = sorted({(item.brand, item.category) for item in ordered})
        number = {pair: index for index, pair in enumerate(pairs)}
        theme = np.array([number[item.brand, item.category] for item in ordered])
        price = np.array([float(item.price_cents) for item in ordered])
        released = np.array([item.released_s for item in ordered])
        opens = np.full(len(pairs), np.inf)
        np.minimum.at(opens, theme, released)
        hype = np.array([item.hype for item in ordered])
        return cls(
            skus=tuple(item.sku for item in ordered),
            theme=theme,
            theme_brand=_codes([brand for brand, _ in pairs]),
            theme_category=_codes([category for _, category in pairs]),
            theme_items=_padded(theme, len(pairs)),
            theme_opens_s=opens,
            attributes={
                "colour": _codes([item.colour for item in ordered]),
                "silhouette": _codes([f"{item.category}/{item.silhouette}" for item in ordered]),
                "pattern": _codes([item.pattern for item in ordered]),
                "price_tier": _codes([item.price_tier for item in ordered]),
            },
            hype=(hype - hype.mean()) / (hype.std() or 1.0),
            price_cents=price,
            released_s=released,
            is_awaited=np.array([item.is_awaited for item in ordered]),
        )

    def neighbours(self) -> NDArray[np.bool_]:
        """Whether two different themes share brand or category, shape (n_themes, n_themes)."""
        same: NDArray[np.bool_] = (self.theme_brand[:, None] == self.theme_brand) | (
            self.theme_category[:, None] == self.theme_category
        )
        np.fill_diagonal(same, val=False)
        return same


def is_awaited(attributes: Mapping[str, object]) -> bool:
    """Whether shoppers wait for the release of a product with these attributes."""
    hype = attributes.get("hype")
    return bool(attributes.get("drop")) or (isinstance(hype, float) and hype >= AWAITED_HYPE)


def _codes(values: Sequence[str]) -> NDArray[np.intp]:
    return np.unique(np.array(values), return_inverse=True)[1].astype(np.intp)


def _padded(theme: NDArray[np.intp], n_themes: int) -> NDArray[np.intp]:
    widest = int(np.bincount(theme).max())
    table = np.full((n_themes, widest), -1, np.intp)
    for number in range(n_themes):
        items = np.flatnonzero(theme == number)
        table[number, : len(items)] = items
    return table
