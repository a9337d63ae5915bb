"""The network behind HRNN: events in, two recurrent layers, what to look for out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.neural.batches import N_GAPS
from recommendations.engine.neural.cells import Array, Cell, new_cell
from recommendations.engine.neural.description import PARTS, TRAITS, Description
from recommendations.engine.neural.hierarchy import Layers

OF_EVENTS = ("items_in", "items_out", "item_bias", "types_in", "gaps_in")


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Weights by name; `wanted . items_out + item_bias` is the score of an item.

    What is wanted is a projection of the session's state plus the newest event's own vector: the residual path lets a
    network whose vectors began as a factorisation foretell well from its first step on.

    Attributes:
        weights: items_in and items_out (n_items, width), item_bias (n_items,), types_in (n_types, width), gaps_in
            (N_GAPS, width), project (n_hidden, width), project_bias (width,), and the two layers'. With a description
            also attributes_in and attributes_out (n_columns, width), attributes_bias (n_columns,) and traits
            (n_traits, n_hidden).
        description: what is known of items and users besides their ids, in training; None in serving, where the items'
            tables hold their whole vectors.
    """

    weights: dict[str, Array]
    description: Description | None = None

    @classmethod
    def begin(
        cls, items_in: Array, items_out: Array, *, n_types: int, n_hidden: int, chance: np.random.Generator
    ) -> Network:
        """A network that scores as the given item vectors do, its layers silent at first."""
        n_items, width = items_in.shape
        weights: dict[str, Array] = {
            "items_in": items_in.astype(np.float32),
            "items_out": items_out.astype(np.float32),
            "item_bias": np.zeros(n_items, np.float32),
            "types_in": np.zeros((n_types, width), np.float32),
            "gaps_in": np.zeros((N_GAPS, width), np.float32),
            "project": (0.01 * chance.standard_normal((n_hidden, width))).astype(np.float32),
            "project_bias": np.zeros(width, np.float32),
            "opening": (chance.standard_normal((n_hidden, n_hidden)) / np.sqrt(n_hidden)).astype(np.float32),
            "opening_bias": np.zeros(n_hidden, np.float32),
        }
        for name, n_inputs in (("session", width), ("person", n_hidden)):
            weights |= name_cell(name, new_cell(n_inputs, n_hidden, chance))
        return cls(weights)

    @staticmethod
    def names() -> tuple[str, ...]:
        """The names of all weights."""
        cells = (f"{layer}_{part}" for layer in ("session", "person") for part in Cell._fields)
        return (*OF_EVENTS, "project", "project_bias", "opening", "opening_bias", *cells)

    @staticmethod
    def names_of_description() -> tuple[str, ...]:
        """The names of the weights that come with a description."""
        return (*PARTS.values(), TRAITS)

    def folded(self) -> Network:
        """The network as it is served: every item with its whole vector."""
        return self if self.description is None else Network(self.description.fold(self.weights))

    @property
    def layers(self) -> Layers:
        """Both layers' weights, the very arrays."""
        session, person = (
            Cell(*(self.weights[f"{name}_{part}"] for part in Cell._fields)) for name in ("session", "person")
        )
        return Layers(session, person, self.weights["opening"], self.weights["opening_bias"])

    def read_traits(self, users: NDArray[np.integer]) -> Array | None:
        """Return users' attributes, shape (n_rows, n_traits); None where none are known."""
        if self.description is None or not self.description.has_traits:
            return None
        return self.description.users[users].toarray()

    def begin_persons(self, traits: Array) -> Array:
        """Return the states that persons with these attributes begin with, shape (n_rows, n_hidden)."""
        states: Array = np.tanh(traits @ self.weights[TRAITS])
        return states

    def embed(self, items: NDArray[np.integer], types: NDArray[np.integer], gaps: NDArray[np.integer]) -> Array:
        """The events' vectors, of the inputs' shape and one axis more."""
        return self.add_kinds(self.weights["items_in"][items], types, gaps)

    def add_kinds(self, vectors: Array, types: NDArray[np.integer], gaps: NDArray[np.integer]) -> Array:
        """Add to items' vectors, in place, what their events' types and times tell."""
        vectors += self.weights["types_in"][types]
        vectors += self.weights["gaps_in"][gaps]
        return vectors

    def look_for(self, states: Array, events: Array) -> Array:
        """What is wanted after events that led to `states`, shape (n_rows, width)."""
        wanted: Array = states @ self.weights["project"]
        wanted += self.weights["project_bias"]
        wanted += events
        return wanted

    def score(self, wanted: Array) -> Array:
        """The score of every item, shape (n_rows, n_items)."""
        scores: Array = wanted @ self.weights["items_out"].T
        scores += self.weights["item_bias"]
        return scores


def name_cell(name: str, cell: Cell) -> dict[str, Array]:
    """Return a cell's weights, or their gradients, by the names that a network gives them."""
    return {f"{name}_{part}": weights for part, weights in zip(Cell._fields, cell, strict=True)}
