"""HRNN for cold items: attributes learn to score items that have nothing else."""

from __future__ import annotations

from typing import ClassVar, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.base import require_range
from recommendations.engine.exceptions import InvalidHyperparameter
from recommendations.engine.interactions import Interactions
from recommendations.engine.models.hrnn_metadata import HrnnMetadata
from recommendations.engine.neural.learning import DAY_S, FIRST_MOMENT

RelativeFrom = Literal["latestItem", "currentTime"]
RELATIVE_FROM: tuple[RelativeFrom, ...] = get_args(RelativeFrom)


class HrnnColdstart(HrnnMetadata):
    """HRNN with metadata that scores items of few events, and of none, by their attributes alone.

    The own parts of items are left out at random in training, so that what attributes tell is learned for an item that
    has nothing else, and is measured against items that have.

    Args:
        hidden_dimension: see `Hrnn`; Amazon Personalize's default for this recipe.
        bptt, given: see `Hrnn`.
        id_dropout: see `HrnnMetadata`.
        cold_start_max_interactions: an item with at most so many events is cold, if it is new too.
        cold_start_max_duration: the greatest age in days of a cold item: from its first event to the moment that
            `cold_start_relative_from` names. Where time is only an order, the number of events alone decides.
        cold_start_relative_from: `latestItem`, the newest event of all, or `currentTime`.
        now_s: the current time in epoch seconds; the newest event's where it is None.

    Source:
        Amazon Personalize developer guide, "HRNN-Coldstart recipe (legacy)".
    """

    name: ClassVar[str] = "hrnn_coldstart"
    needs_items: ClassVar[bool] = True

    def __init__(
        self,
        hidden_dimension: int = 149,
        bptt: int = 32,
        *,
        id_dropout: float = 0.25,
        cold_start_max_interactions: int = 15,
        cold_start_max_duration: float = 5.0,
        cold_start_relative_from: RelativeFrom = "currentTime",
        now_s: int | None = None,
        **given: object,
    ) -> None:
        super().__init__(hidden_dimension, bptt, id_dropout=id_dropout, **given)
        self.cold_start_max_interactions = cold_start_max_interactions
        self.cold_start_max_duration = cold_start_max_duration
        self.cold_start_relative_from = cold_start_relative_from
        self.now_s = now_s

    def check(self) -> None:
        """Raise InvalidHyperparameter for one that is out of range."""
        super().check()
        require_range("cold_start_max_interactions", self.cold_start_max_interactions, 0, 1_000_000)
        require_range("cold_start_max_duration", self.cold_start_max_duration, 0, 36_500)
        if self.cold_start_relative_from not in RELATIVE_FROM:
            raise InvalidHyperparameter(
                f"cold_start_relative_from is {self.cold_start_relative_from!r}; give one of "
                f"{', '.join(RELATIVE_FROM)}."
            )

    def find_cold(self, interactions: Interactions) -> NDArray[np.bool_]:
        """Return which items are cold by the hyperparameters, shape (n_items,)."""
        counts = np.bincount(interactions.items, minlength=interactions.n_items)
        is_rare: NDArray[np.bool_] = counts <= self.cold_start_max_interactions
        newest = int(interactions.timestamps.max(initial=0))
        if not (self.is_timed if self.is_timed is not None else newest >= FIRST_MOMENT):
            return is_rare
        moment = newest
        if self.cold_start_relative_from == "currentTime" and self.now_s is not None:
            moment = self.now_s
        first = np.full(interactions.n_items, np.iinfo(np.int64).max)
        np.minimum.at(first, interactions.items, interactions.timestamps)
        return is_rare & (first >= moment - self.cold_start_max_duration * DAY_S)
