"""What was put since a training, as of one moment: new items, and what is now known of items and users."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.answers.encoding import Traits
from recommendations.engine.answers.scoring import Scoring
from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.filters.expressions import Expression
from recommendations.engine.filters.masks import Asking, ItemFilter
from recommendations.engine.models.newcomers import Alike, Widened

# Filters that are kept ready over the items that were put.
MOST_FILTERS = 16


@dataclass(frozen=True, slots=True, eq=False)
class Arrived:
    """What was put, as of one moment.

    Attributes:
        n_items: of the catalogue that the model was trained on.
        new_ids: of the items beyond it; the j-th has the index n_items + j.
        alike: what the new items are like, in their order.
        items: all that is known of the items that were put, new or not.
        places: the index of each of those, shape (n_put,).
        users: what is known of the users that were put.
        is_young: which of the new items are explored, shape (n_new,); all by default.
    """

    n_items: int
    new_ids: tuple[str, ...] = ()
    alike: Alike = field(default_factory=Alike.none)
    items: Metadata = field(default_factory=lambda: Metadata(()))
    places: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, np.intp))
    users: Metadata | None = None
    is_young: NDArray[np.bool_] | None = None
    filters: dict[Expression, ItemFilter] = field(default_factory=dict)
    # The indices of the new items that are explored, ascending, and their ids.
    young_places: NDArray[np.intp] = field(init=False)
    young_ids: tuple[str, ...] = field(init=False)
    _place_of: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        places = {id_: self.n_items + row for row, id_ in enumerate(self.new_ids)}
        young = np.arange(len(self.new_ids)) if self.is_young is None else np.flatnonzero(self.is_young)
        object.__setattr__(self, "_place_of", places)
        object.__setattr__(self, "young_places", self.n_items + young)
        object.__setattr__(self, "young_ids", tuple(self.new_ids[row] for row in young.tolist()))

    def traits_of(self, user_id: str) -> Traits | None:
        """Return what a user was put with; None where nobody put this user."""
        return Traits.of(self.users, user_id)

    def widen(self, scoring: Scoring, recommendation_id: str) -> Scoring:
        """Return the scores with those of the new items."""
        if not self.new_ids:
            return scoring
        return Widened(scoring, self.n_items, self.alike, partial(_chance_of, recommendation_id))

    def places_of(self, item_ids: Iterable[str]) -> NDArray[np.intp]:
        """Return the indices of those ids that are of new items, in their order."""
        if not self.new_ids:
            return np.empty(0, np.intp)
        return np.array([self._place_of[item_id] for item_id in item_ids if item_id in self._place_of], np.intp)

    def likes_of(self, place: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Return the known items that the new one of an index is like, and how much it is like each."""
        row = place - self.n_items
        is_like = self.alike.weights[row] > 0
        return self.alike.items[row][is_like], self.alike.weights[row][is_like]

    def name(self, items: NDArray[np.intp], item_ids: Sequence[str]) -> list[str]:
        """Return the ids of items by their indices, over the catalogue's ids and the new ones."""
        n_items, new_ids = self.n_items, self.new_ids
        if not new_ids:
            return [item_ids[item] for item in items.tolist()]
        return [item_ids[item] if item < n_items else new_ids[item - n_items] for item in items.tolist()]

    def passing(self, item_filter: ItemFilter, item_ids: Sequence[str], asking: Asking) -> tuple[str, ...]:
        """Return those of some items that pass a filter by all that is known now, in their order."""
        put = {item_id for item_id in item_ids if self.items.find(item_id) >= 0}
        if not put or item_filter.expression.needs_item():
            return item_filter.passing(item_ids, asking)
        rest = item_filter.passing([item_id for item_id in item_ids if item_id not in put], asking)
        passing = {*rest, *self._over(item_filter).passing(sorted(put), asking)}
        return tuple(item_id for item_id in item_ids if item_id in passing)

    def allowed(self, item_filter: ItemFilter, asking: Asking) -> NDArray[np.bool_]:
        """Return which items pass a filter by all that is known now, shape (n_items + n_new,)."""
        passing = item_filter.allowed(asking)
        # What is known of the current item lies with the catalogue's columns alone.
        if not len(self.places) or item_filter.expression.needs_item():
            return np.concatenate((passing, np.zeros(len(self.new_ids), np.bool_))) if self.new_ids else passing
        allowed = np.zeros(self.n_items + len(self.new_ids), np.bool_)
        allowed[: self.n_items] = passing
        allowed[self.places] = self._over(item_filter).allowed(asking)
        return allowed

    def _over(self, item_filter: ItemFilter) -> ItemFilter:
        known = self.filters.get(item_filter.expression)
        if known is None:
            known = item_filter.over(self.items.ids, self.items)
            # From a copy: other threads may be adding theirs.
            for oldest in list(self.filters)[: max(0, len(self.filters) + 1 - MOST_FILTERS)]:
                self.filters.pop(oldest, None)
            self.filters[item_filter.expression] = known
        return known


def _chance_of(recommendation_id: str) -> np.random.Generator:
    seed = hashlib.blake2b(recommendation_id.encode(), digest_size=8).digest()
    return np.random.default_rng(int.from_bytes(seed))
