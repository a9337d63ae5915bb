"""What a simulated shopper does with a page: which cards come into view, which is clicked, and what follows."""

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from storefront.simulation.driving.pages import Card, Row

# How far down the page and along a row shoppers look: the chance to go on after each row, and after each card.
NEXT_ROW = 0.85
NEXT_CARD = 0.82
CARDS_IN_VIEW = 4
# A card's weight in the choice: exp(SHARPNESS x liking), fading along the row, against the wish to do something else.
SHARPNESS = 1.2
FADING = 0.93
THEME_BONUS = 1.0
INDIFFERENCE = 30.0
# Chances on a product page, at a medium liking.
WATCH_SHARE = 0.06
BUY_SHARE = 0.03


class Wish(Enum):
    """What a shopper wants next."""

    HOME = auto()
    SEARCH = auto()
    CATEGORY = auto()
    WATCH = auto()
    BUY = auto()
    LEAVE = auto()


AFTER_LIST = {Wish.SEARCH: 0.25, Wish.CATEGORY: 0.25, Wish.HOME: 0.2, Wish.LEAVE: 0.3}
AFTER_PRODUCT = {Wish.HOME: 0.6, Wish.CATEGORY: 0.12, Wish.SEARCH: 0.13, Wish.LEAVE: 0.15}


@dataclass(frozen=True, slots=True)
class Seen:
    """One card that came into view, and the row it lies in."""

    row: Row
    card: Card


class Mind:
    """One shopper's head during one visit.

    Args:
        liking: SKU -> how much the shopper likes it, in standard deviations.
        in_theme: the SKUs that this visit is about.
        rng: the only source of chance.
    """

    def __init__(self, liking: Mapping[str, float], in_theme: frozenset[str], rng: random.Random) -> None:
        self._liking = liking
        self._in_theme = in_theme
        self._rng = rng

    def liking(self, item_id: str) -> float:
        """How much the shopper likes an item; what the simulator does not know is liked moderately."""
        return self._liking.get(item_id, 0.0)

    def look_over(self, rows: Sequence[Row]) -> list[Seen]:
        """The cards that come into view, top to bottom."""
        seen: list[Seen] = []
        for row in rows:
            n_cards = CARDS_IN_VIEW
            while n_cards < len(row.cards) and self._rng.random() < NEXT_CARD:
                n_cards += 1
            seen += [Seen(row, card) for card in row.cards[:n_cards]]
            if self._rng.random() >= NEXT_ROW:
                break
        return seen

    def choose(self, seen: Sequence[Seen], factors: Mapping[str, float] | None = None) -> Seen | None:
        """The card to click, rather one that is liked and near; None where nothing appeals enough.

        Args:
            seen: what came into view.
            factors: row -> what the chance of a click on its cards is multiplied by, 0..1; 1 for the rows left out.
        """
        weights = [self._weight(one.card) for one in seen]
        # A click that a factor holds back becomes none at all: no other row's chance changes.
        point = self._rng.random() * (sum(weights) + INDIFFERENCE)
        if factors:
            weights = [weight * factors.get(one.row.key, 1.0) for one, weight in zip(seen, weights, strict=True)]
        for one, weight in zip(seen, weights, strict=True):
            point -= weight
            if point < 0:
                return one
        return None

    def wish_after_list(self) -> Wish:
        """What follows where no card appealed."""
        return self._drawn(AFTER_LIST)

    def wish_after_product(self, item_id: str, *, can_buy: bool, is_watched: bool) -> Wish:
        """What follows a look at a product."""
        eagerness = min(4.0, math.exp(0.6 * self.liking(item_id)))
        draw = self._rng.random()
        if can_buy and draw < BUY_SHARE * eagerness:
            return Wish.BUY
        if not is_watched and draw > 1 - WATCH_SHARE * eagerness:
            return Wish.WATCH
        return self._drawn(AFTER_PRODUCT)

    def _weight(self, card: Card) -> float:
        appeal = self.liking(card.item_id) + (THEME_BONUS if card.item_id in self._in_theme else 0.0)
        return math.exp(SHARPNESS * appeal) * FADING ** (card.rank - 1)

    def _drawn(self, shares: Mapping[Wish, float]) -> Wish:
        return self._rng.choices(list(shares), list(shares.values()))[0]
