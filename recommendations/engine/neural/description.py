"""What a network knows of items and users besides their ids, and how an item's vector is made of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.attributes.ridge import fit_ridge
from recommendations.engine.neural.adam import Adam, Rows
from recommendations.engine.neural.cells import Array
from recommendations.engine.neural.softmax import Indices
from recommendations.engine.neural.warm_start import Previous

Matrix: TypeAlias = "sparse.csr_array[np.float32]"

# The attributes' part of each table of items.
PARTS = {"items_in": "attributes_in", "items_out": "attributes_out", "item_bias": "attributes_bias"}
TRAITS = "traits"
# As strong as so many items that have one attribute alone and no vector.
REGULARISATION = 3.0
# An item of so many events counts half of one of very many where attributes learn from items' vectors.
HALF_SURE = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Description:
    """Attributes, and how much of an item's vector is its own.

    Attributes:
        items: attributes of items, shape (n_items, n_columns).
        item_keys: what tells each of those columns from all others, ascending, shape (n_columns,).
        users: attributes of users, shape (n_users, n_traits); no column where there are none.
        user_keys: what tells each of those columns from all others, ascending, shape (n_traits,).
        n_events: of each item in training, shape (n_items,).
        own: whether an item has a vector of its own, added to that of its attributes: 1 or 0, shape (n_items,).
        id_dropout: share of items whose own vector a step leaves out, so that attributes learn to do without.
    """

    items: Matrix
    item_keys: NDArray[np.uint64]
    users: Matrix
    user_keys: NDArray[np.uint64]
    n_events: NDArray[np.int64]
    own: NDArray[np.float32]
    id_dropout: float

    @property
    def has_traits(self) -> bool:
        """Whether users' attributes are known."""
        return self.users.shape[1] > 0

    @property
    def met(self) -> Indices:
        """The items that were met in training, ascending: what targets are told apart from."""
        return np.flatnonzero(self.n_events)

    def begin(self, weights: Mapping[str, Array]) -> dict[str, Array]:
        """Return a network's weights with those of the attributes beside them.

        What attributes tell of the items' vectors is learned by ridge regression, and only the rest is an item's own:
        often met items score as before, and those without a vector as is expected of their like.
        """
        tables = (weights["items_in"], weights["items_out"], weights["item_bias"][:, None])
        width = tables[0].shape[1]
        learned = fit_ridge(self.items, np.concatenate(tables, axis=1), self._sureness(), REGULARISATION)
        told = {
            "attributes_in": np.ascontiguousarray(learned[:, :width]),
            "attributes_out": np.ascontiguousarray(learned[:, width:-1]),
            "attributes_bias": np.ascontiguousarray(learned[:, -1]),
            TRAITS: np.zeros((len(self.user_keys), len(weights["opening"])), np.float32),
        }
        return self._take_out(weights, told, self._sureness())

    def go_on(self, weights: Mapping[str, Array], previous: Previous, is_old: NDArray[np.bool_]) -> dict[str, Array]:
        """Return weights carried over from a described network, with those of its attributes beside them.

        Attributes that it did not know begin as zeros.

        Args:
            weights: the items' whole vectors, and all else.
            previous: the described network.
            is_old: which items it knew, shape (n_items,); only these have a vector of their own to go on from.
        """
        told = {part: _match(self.item_keys, previous.item_keys, previous.weights[part]) for part in PARTS.values()}
        told[TRAITS] = _match(self.user_keys, previous.user_keys, previous.weights[TRAITS])
        return self._take_out(weights, told, np.where(is_old, np.float32(1.0), self._sureness()))

    def _sureness(self) -> NDArray[np.float32]:
        return (self.n_events / (self.n_events + HALF_SURE)).astype(np.float32)

    def _take_out(
        self, weights: Mapping[str, Array], told: Mapping[str, Array], share: NDArray[np.float32]
    ) -> dict[str, Array]:
        """Return weights whose items' own vectors are a share of what the attributes' part leaves of the whole."""
        kept = self.own * share
        taken = {
            name: (weights[name] - self.items @ told[part]) * _as_rows(kept, weights[name])
            for name, part in PARTS.items()
        }
        return {**weights, **taken, **told}

    def fold(self, weights: Mapping[str, Array]) -> dict[str, Array]:
        """Return the weights with each item's whole vector in place of its own part, as serving reads them."""
        whole = {
            name: weights[name] * _as_rows(self.own, weights[name]) + self.items @ weights[part]
            for name, part in PARTS.items()
        }
        return {**weights, **{name: table.astype(np.float32, copy=False) for name, table in whole.items()}}

    def arrays(self) -> list[NDArray[Any]]:
        """Everything that training depends on, for a fingerprint."""
        matrices = (each for part in (self.items, self.users) for each in (part.data, part.indices, part.indptr))
        keys = (self.item_keys, self.user_keys)
        return [*matrices, *keys, self.n_events, self.own, np.array([self.id_dropout])]


class Picked(NamedTuple):
    """Items of a batch, each once, and what their vectors are made of.

    Attributes:
        items: their numbers, ascending, shape (n_picked,).
        kept: how much of their own vectors takes part, shape (n_picked,); None where that is all there is.
        attributes: of these items, shape (n_picked, n_at_hand); None where items have none.
        columns: the attributes at hand, shape (n_at_hand,).
    """

    items: Indices
    kept: Array | None = None
    attributes: Matrix | None = None
    columns: Indices | None = None

    @classmethod
    def of(cls, description: Description | None, items: Indices, chance: np.random.Generator) -> Picked:
        """Pick items; `chance` decides whose own vectors are left out."""
        if description is None:
            return cls(items)
        kept = description.own[items]
        if description.id_dropout:
            kept = kept * (chance.random(len(items), np.float32) >= description.id_dropout)
        attributes = description.items[items]
        columns, places = np.unique(attributes.indices, return_inverse=True)
        entries = (attributes.data, places.astype(np.int32), attributes.indptr)
        at_hand = cast("Matrix", sparse.csr_array(entries, shape=(len(items), len(columns))))
        return cls(items, kept, at_hand, columns.astype(np.intp))

    def catch_up(self, optimiser: Adam, weights: Mapping[str, Array], name: str, rate: float) -> None:
        """Bring the rows of a table that these items need up to date."""
        optimiser.catch_up(weights, name, self.items, rate)
        if self.columns is not None:
            optimiser.catch_up(weights, PARTS[name], self.columns, rate)

    def look_up(self, weights: Mapping[str, Array], name: str) -> Array:
        """Return these items' rows of a table, shape (n_picked, ...)."""
        own: Array = weights[name][self.items]
        if self.kept is None or self.attributes is None or self.columns is None:
            return own
        whole: Array = own * _as_rows(self.kept, own) + self.attributes @ weights[PARTS[name]][self.columns]
        return whole

    def spread(self, name: str, gradients: Array) -> dict[str, Array | Rows]:
        """Return the gradients of a table and of its attributes' part, from those of these items' rows."""
        if self.kept is None or self.attributes is None or self.columns is None:
            return {name: Rows(self.items, gradients)}
        return {
            name: Rows(self.items, gradients * _as_rows(self.kept, gradients)),
            PARTS[name]: Rows(self.columns, self.attributes.T @ gradients),
        }


def _as_rows(shares: Array, table: Array) -> Array:
    """Shares, one a row, in a shape that a table can be multiplied with."""
    return shares if table.ndim == 1 else shares[:, None]


def _match(keys: NDArray[np.uint64], known: NDArray[np.uint64] | None, rows: Array) -> Array:
    """The row of each key, zeros for keys that are not among the known ones; keys ascend in both."""
    found = np.zeros((len(keys), *rows.shape[1:]), np.float32)
    if known is not None:
        _, here, there = np.intersect1d(keys, known, assume_unique=True, return_indices=True)
        found[here] = rows[there]
    return found
