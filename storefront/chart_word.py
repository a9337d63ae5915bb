"""PURE where a word stands beside a level of a chart, so that it covers nothing of the chart's line."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

# A letter's width and a word's reach from its level, in percent of the narrowest plot, which is 280 by 240 pixels.
LETTER = 2.5
NEAREST, FARTHEST = 0.5, 10.0

Place = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Spot:
    """A word's place: at which end of its level, and whether above it or below."""

    end: Literal["left", "right"]
    is_above: bool


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the plot, in percent of it; `top` is less than `bottom`."""

    left: float
    right: float
    top: float
    bottom: float


SPOTS = tuple(Spot(end, is_above) for is_above in (True, False) for end in ("left", "right"))


def find_spot(places: Sequence[Place], level: float, word: str) -> Spot | None:
    """The first of `SPOTS` where the word covers no part of the line and stays inside the plot.

    Args:
        places: the line's corners, in percent from the left and from the top, from left to right.
        level: in percent from the top.
        word: what is to stand there, in letters of 12 pixels.

    Returns:
        None where it would cover the line everywhere: then it has to stand outside.
    """
    return next((spot for spot in SPOTS if _is_free(box_of(spot, level, word), places)), None)


def box_of(spot: Spot, level: float, word: str) -> Box:
    """What the word takes of the plot there."""
    width = len(word) * LETTER
    left, right = (0.0, width) if spot.end == "left" else (100.0 - width, 100.0)
    if spot.is_above:
        return Box(left, right, level - FARTHEST, level - NEAREST)
    return Box(left, right, level + NEAREST, level + FARTHEST)


def _is_free(box: Box, places: Sequence[Place]) -> bool:
    if box.top < 0.0 or box.bottom > 100.0:
        return False
    return not any(_crosses(box, before, after) for before, after in pairwise(places))


def _crosses(box: Box, before: Place, after: Place) -> bool:
    """Whether a part of the line between two places lies in the box."""
    left, right = max(before[0], box.left), min(after[0], box.right)
    if left > right:
        return False
    at_ends = (_height(before, after, left), _height(before, after, right))
    return min(at_ends) <= box.bottom and max(at_ends) >= box.top


def _height(before: Place, after: Place, right: float) -> float:
    run = after[0] - before[0]
    # What stands in one column, as days of a long history may once rounded, counts with the later place.
    return after[1] if run <= 0.0 else before[1] + (after[1] - before[1]) * (right - before[0]) / run
