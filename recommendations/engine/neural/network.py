"""The network behind HRNN: events in, two recurrent layers, what to look for out; one training step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.neural.adam import Adam, Rows
from recommendations.engine.neural.batches import N_GAPS, Batch
from recommendations.engine.neural.cells import Array, Cell, new_cell
from recommendations.engine.neural.hierarchy import Layers, run_back, run_forward
from recommendations.engine.neural.softmax import Indices, draw_others, sampled_softmax

LONGEST_GRADIENT = 1.0
OF_EVENTS = ("items_in", "items_out", "item_bias", "types_in", "gaps_in")


@dataclass(frozen=True, slots=True)
class Training:
    """How a step trains.

    Attributes:
        n_sampled: items that each target is told apart from.
        dropout: share of the inputs and of the states that a step leaves out, 0..1.
    """

    n_sampled: int
    dropout: float


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Weights by name; `wanted . items_out + item_bias` is the score of an item.

    What is wanted is a projection of the session's state plus the newest event's own vector: the residual path lets a
    network whose vectors began as a factorisation foretell well from its first step on.

    Attributes:
        weights: items_in and items_out (n_items, width), item_bias (n_items,), types_in (n_types, width), gaps_in
            (N_GAPS, width), project (n_hidden, width), project_bias (width,), and the two layers'.
    """

    weights: dict[str, Array]

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
            weights |= _named(name, new_cell(n_inputs, n_hidden, chance))
        return cls(weights)

    @staticmethod
    def names() -> tuple[str, ...]:
        """The names of all weights."""
        cells = (f"{layer}_{part}" for layer in ("session", "person") for part in Cell._fields)
        return (*OF_EVENTS, "project", "project_bias", "opening", "opening_bias", *cells)

    @property
    def layers(self) -> Layers:
        """Both layers' weights, the very arrays."""
        session, person = (
            Cell(*(self.weights[f"{name}_{part}"] for part in Cell._fields)) for name in ("session", "person")
        )
        return Layers(session, person, self.weights["opening"], self.weights["opening_bias"])

    def embed(self, items: NDArray[np.integer], types: NDArray[np.integer], gaps: NDArray[np.integer]) -> Array:
        """The events' vectors, of the inputs' shape and one axis more."""
        weights = self.weights
        events: Array = weights["items_in"][items]
        events += weights["types_in"][types]
        events += weights["gaps_in"][gaps]
        return events

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

    def train(
        self, batch: Batch, training: Training, optimiser: Adam, rate: float, chance: np.random.Generator
    ) -> float:
        """Take one step on a batch, in place, and return its loss.

        Args:
            batch: events and what followed them.
            training: how.
            optimiser: the moments of these weights.
            rate: the learning rate.
            chance: decides what is dropped and sampled.
        """
        optimiser.catch_up(self.weights, "items_in", np.unique(batch.items.ravel().astype(np.intp)), rate)
        events = self.embed(batch.items, batch.types, batch.gaps)
        kept_inputs = _keep(events.shape, training.dropout, chance)
        events *= kept_inputs
        layers = self.layers
        trace = run_forward(layers, events, batch.opens)
        n_hidden = len(self.weights["project"])
        flat = np.flatnonzero(batch.weights.ravel())
        states = trace.after.reshape(-1, n_hidden)[flat]
        kept_states = _keep(states.shape, training.dropout, chance)
        states = states * kept_states
        wanted = self.look_for(states, events.reshape(-1, events.shape[-1])[flat])
        targets = batch.targets.ravel()[flat].astype(np.intp)
        others = draw_others(len(self.weights["items_out"]), training.n_sampled, chance)
        at_hand, places = np.unique(np.concatenate((targets, others)), return_inverse=True)
        for name in ("items_out", "item_bias"):
            optimiser.catch_up(self.weights, name, at_hand, rate)
        value, gradients, d_wanted = self._lose(wanted, at_hand, places, batch.weights.ravel()[flat])
        gradients["project"] = states.T @ d_wanted
        gradients["project_bias"] = d_wanted.sum(axis=0)
        d_after = np.zeros(trace.after.shape, np.float32)
        d_after.reshape(-1, n_hidden)[flat] = (d_wanted @ self.weights["project"].T) * kept_states
        found = run_back(layers, trace, events, d_after)
        d_events = found.events
        d_events.reshape(-1, d_events.shape[-1])[flat] += d_wanted
        d_events *= kept_inputs
        gradients |= _of_layers(found.layers) | self._of_inputs(batch, d_events)
        optimiser.step(self.weights, gradients, rate, LONGEST_GRADIENT)
        return value

    def _lose(
        self, wanted: Array, at_hand: Indices, places: Indices, weights: Array
    ) -> tuple[float, dict[str, Array | Rows], Array]:
        """The loss, the gradients of the items as what comes next, and of what is wanted.

        `places` in `at_hand` are first each row's own target, then the sampled items.
        """
        own, sampled = places[: len(wanted)], places[len(wanted) :]
        vectors, biases = self.weights["items_out"][at_hand], self.weights["item_bias"][at_hand]
        loss = sampled_softmax(wanted, vectors, biases, own, sampled, weights)
        d_vectors = sum_rows(own, loss.d_positive[:, None] * wanted, len(at_hand))
        d_vectors[sampled] += loss.d_sampled.T @ wanted
        d_biases = np.bincount(own, loss.d_positive, len(at_hand))
        d_biases[sampled] += loss.d_sampled.sum(axis=0)
        gradients: dict[str, Array | Rows] = {
            "items_out": Rows(at_hand, d_vectors),
            "item_bias": Rows(at_hand, d_biases.astype(np.float32)),
        }
        return loss.value, gradients, loss.d_wanted

    def _of_inputs(self, batch: Batch, d_events: Array) -> dict[str, Array | Rows]:
        flat = d_events.reshape(-1, d_events.shape[-1])
        items, places = np.unique(batch.items.ravel().astype(np.intp), return_inverse=True)
        return {
            "items_in": Rows(items, sum_rows(places, flat, len(items))),
            "types_in": sum_rows(batch.types.ravel(), flat, len(self.weights["types_in"])),
            "gaps_in": sum_rows(batch.gaps.ravel(), flat, N_GAPS),
        }


def sum_rows(places: Indices | NDArray[np.int8], rows: Array, n_places: int) -> Array:
    """Sum rows that go to the same place, shape (n_places, width)."""
    order = np.argsort(places, kind="stable")
    sorted_places = places[order]
    firsts = np.flatnonzero(np.concatenate(([True], sorted_places[1:] != sorted_places[:-1])))
    summed = np.zeros((n_places, rows.shape[1]), rows.dtype)
    summed[sorted_places[firsts]] = np.add.reduceat(rows[order], firsts, axis=0)
    return summed


def _keep(shape: tuple[int, ...], dropout: float, chance: np.random.Generator) -> Array:
    """Zeros for what is dropped, and for the rest what makes up for it."""
    if not dropout:
        return np.ones(shape, np.float32)
    kept = chance.random(shape, np.float32) >= dropout
    return kept * np.float32(1.0 / (1.0 - dropout))


def _named(name: str, cell: Cell) -> dict[str, Array]:
    return {f"{name}_{part}": weights for part, weights in zip(Cell._fields, cell, strict=True)}


def _of_layers(layers: Layers) -> dict[str, Array | Rows]:
    """Gradients of the layers by the weights' names; a part that no batch reached has zeros, which change nothing."""
    return {
        **_named("session", layers.session),
        **_named("person", layers.person),
        "opening": layers.opening,
        "opening_bias": layers.opening_bias,
    }
