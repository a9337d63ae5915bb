"""Planted effects: how much readier a shopper is to click where the page shows a certain variation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from storefront.simulation.driving.pages import Row

# The row that the experiment decides on, or every row of a homepage that holds such a row.
ROW_CTR, PAGE_CTR = "row_ctr", "page_ctr"
EFFECTS = (-0.9, 2.0)
VARIATION = "treatment"


class PlantRefused(ValueError):
    """The text names no effect that can be planted; the message names the fix."""


@dataclass(frozen=True, slots=True)
class Plant:
    """One relative effect on the click chance of a row, or of the whole homepage, where the variation is shown.

    More clicks are planted as fewer elsewhere: a chance that is near 1 already could not grow, and the effect would
    come out smaller than it was meant.
    """

    metric: str
    effect: float
    variation: str = VARIATION

    def factor(self, shown: str) -> float:
        """What a click's chance is multiplied by under the variation `shown`, at most 1."""
        return (1 + self.effect if shown == self.variation else 1.0) / max(1.0, 1 + self.effect)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The effect of a text such as `page_ctr=0.2` or `row_ctr=-0.1@blue`.

        Raises:
            PlantRefused: an unknown metric, no number, or one out of range.
        """
        metric, _, rest = text.partition("=")
        figure, _, variation = rest.partition("@")
        if metric not in {ROW_CTR, PAGE_CTR}:
            raise PlantRefused(f"--plant is {text!r}; give {ROW_CTR}=EFFECT or {PAGE_CTR}=EFFECT, such as row_ctr=0.2.")
        try:
            effect = float(figure)
        except ValueError:
            raise PlantRefused(
                f"--plant is {text!r}; {figure!r} is no number, give one such as 0.2 for +20%."
            ) from None
        if not EFFECTS[0] <= effect <= EFFECTS[1]:
            raise PlantRefused(f"--plant is {text!r}; give an effect from {EFFECTS[0]:g} to {EFFECTS[1]:g}.")
        return cls(metric, effect, variation or VARIATION)


def factor_of(plants: Sequence[Plant], rows: Sequence[Row], row: Row) -> float:
    """What the click chance of a card of `row` is multiplied by on a homepage of these rows."""
    factor = 1.0
    for plant in plants:
        if plant.metric == PAGE_CTR:
            factor *= plant.factor(variation_of(rows))
        elif row.variation:
            factor *= plant.factor(row.variation)
    return factor


def variation_of(rows: Sequence[Row]) -> str:
    """The variation that a homepage shows; empty where no experiment decides on any of its rows."""
    return next((row.variation for row in rows if row.variation), "")
