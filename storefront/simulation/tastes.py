"""Tastes: what each shopper likes, early and late in the window, and what everybody likes (hype)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storefront.simulation.parameters import Parameters
from storefront.simulation.shelf import ATTRIBUTES, Shelf

# Two tastes and one turning point make a drift: a session follows the late taste ever more often around it.
EARLY, LATE = 0, 1
TURN_DAYS = 10.0
KEPT_TASTE = 0.6
# A product's hype is its own and, as much again, luck; the squares add up to 1.
HYPE_KNOWN = HYPE_LUCK = 0.5**0.5


@dataclass(frozen=True, slots=True, eq=False)
class Tastes:
    """Log weights, to be added up before a choice.

    Attributes:
        themes: early and late liking of each theme, shape (2, n_shoppers, n_themes), float32.
        attributes: liking of each attribute value, one array of shape (n_shoppers, n_values) a name, float32.
        hype: popularity of each item with everybody, shape (n_items,), float32.
        turns_s: when each shopper's taste turns, epoch seconds, shape (n_shoppers,).
        spending: factor on the chance of bids and purchases, mean 1, shape (n_shoppers,).
    """

    themes: NDArray[np.float32]
    attributes: dict[str, NDArray[np.float32]]
    hype: NDArray[np.float32]
    turns_s: NDArray[np.float64]
    spending: NDArray[np.float64]

    def late_share(self, shoppers: NDArray[np.intp], at_s: NDArray[np.float64]) -> NDArray[np.float64]:
        """The chance that a session at `at_s` follows the late taste; both of shape (n,)."""
        turned: NDArray[np.float64] = 1 / (1 + np.exp(-(at_s - self.turns_s[shoppers]) / (TURN_DAYS * 86_400)))
        return turned


def draw_tastes(
    parameters: Parameters, shelf: Shelf, starts_s: float, ends_s: float, rng: np.random.Generator
) -> Tastes:
    """Draw every shopper's likings.

    Args:
        parameters: sharpness of each taste.
        shelf: what there is to like.
        starts_s: start of the window, epoch seconds.
        ends_s: end of the window, epoch seconds.
        rng: the only source of chance.
    """
    n = parameters.n_shoppers
    luck = rng.standard_normal(shelf.n_items)
    brand_hype = rng.standard_normal(shelf.theme_brand.max() + 1)
    themes = np.empty((2, n, shelf.n_themes), np.float32)
    brands = rng.standard_normal((n, shelf.theme_brand.max() + 1))
    categories = rng.standard_normal((n, shelf.theme_category.max() + 1))
    for when in (EARLY, LATE):
        if when == LATE:
            brands, categories = _drifted(brands, rng), _drifted(categories, rng)
        themes[when] = (
            parameters.brand_sharpness * brands[:, shelf.theme_brand]
            + parameters.category_sharpness * categories[:, shelf.theme_category]
            + parameters.theme_sharpness * rng.standard_normal((n, shelf.n_themes))
            + 0.5 * parameters.hype_sharpness * brand_hype[shelf.theme_brand]
        )
    attributes = {
        name: (parameters.attribute_sharpness * rng.standard_normal((n, int(shelf.attributes[name].max()) + 1))).astype(
            np.float32
        )
        for name in ATTRIBUTES
    }
    return Tastes(
        themes=themes,
        attributes=attributes,
        hype=(parameters.hype_sharpness * (HYPE_KNOWN * shelf.hype + HYPE_LUCK * luck)).astype(np.float32),
        turns_s=rng.uniform(starts_s, ends_s, n),
        spending=rng.gamma(1.5, 1 / 1.5, n),
    )


def _drifted(taste: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    late: NDArray[np.float64] = KEPT_TASTE * taste + np.sqrt(1 - KEPT_TASTE**2) * rng.standard_normal(taste.shape)
    return late
