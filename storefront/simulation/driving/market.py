"""The market as its simulated shoppers know it: what each likes, and the words for what they look for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

import numpy as np
from numpy.typing import NDArray

from catalog.models import Product
from storefront.simulation import record
from storefront.simulation.clickstream import draw_population
from storefront.simulation.parameters import SHOPPERS, Parameters
from storefront.simulation.reading import read_shelf
from storefront.simulation.shelf import Shelf
from storefront.simulation.tastes import LATE, Tastes


@dataclass(frozen=True, slots=True, eq=False)
class Market:
    """Shelf and tastes of the world's past, where it has one: the past's shoppers like today what they liked then.

    Attributes:
        shelf: every announced product.
        tastes: of shoppers 0 to n_shoppers - 1.
        number: SKU -> item index.
        brands, categories: each theme's brand name and category slug.
        has_past: whether the shopper keys of the past are in the world.
    """

    parameters: Parameters
    shelf: Shelf
    tastes: Tastes
    number: dict[str, int]
    brands: tuple[str, ...]
    categories: tuple[str, ...]
    has_past: bool

    @classmethod
    def of_world(cls, *, seed: int, now: datetime) -> Self:
        """Read this world.

        Args:
            seed: decides the tastes where the world has no simulated past.
            now: the world's.

        Raises:
            ValueError: there is no product.
        """
        past = record.read()
        parameters = past.parameters if past else Parameters(SHOPPERS["small"], seed=seed)
        shelf = read_shelf()
        ends_at = past.ends_at if past and past.ends_at else now
        tastes, _ = draw_population(parameters, shelf, ends_s=ends_at.timestamp())
        number = {sku: index for index, sku in enumerate(shelf.skus)}
        brands, categories = [""] * shelf.n_themes, [""] * shelf.n_themes
        for sku, brand, category in Product.objects.announced().values_list("sku", "brand__name", "category__slug"):
            if sku in number:
                theme = shelf.theme[number[sku]]
                brands[theme], categories[theme] = brand, category
        return cls(parameters, shelf, tastes, number, tuple(brands), tuple(categories), past is not None)

    def liking(self, shopper: int) -> NDArray[np.float64]:
        """How much a shopper likes each item, in standard deviations over the shelf, shape (n_items,)."""
        liking = self.tastes.themes[LATE, shopper][self.shelf.theme].astype(np.float64)
        for name, codes in self.shelf.attributes.items():
            liking += self.tastes.attributes[name][shopper][codes]
        scaled: NDArray[np.float64] = (liking - liking.mean()) / (liking.std() or 1.0)
        return scaled

    def theme_weights(self, shopper: int) -> list[float]:
        """What a shopper's sessions are about: the chance of each theme, up to a factor."""
        taste = self.tastes.themes[LATE, shopper].astype(np.float64)
        weights: list[float] = np.exp(taste - taste.max()).tolist()
        return weights
