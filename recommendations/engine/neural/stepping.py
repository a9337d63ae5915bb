"""One training step: what a batch's events come to, how wrong that is, and every weight moved against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.neural.adam import Adam, Rows
from recommendations.engine.neural.batches import N_GAPS, Batch
from recommendations.engine.neural.cells import Array
from recommendations.engine.neural.description import TRAITS, Picked
from recommendations.engine.neural.hierarchy import Gradients, Layers, Trace, run_back, run_forward
from recommendations.engine.neural.network import Network, name_cell
from recommendations.engine.neural.softmax import Indices, draw_others, sampled_softmax

LONGEST_GRADIENT = 1.0

Found = dict[str, Array | Rows]


@dataclass(frozen=True, slots=True)
class Training:
    """How a step trains.

    Attributes:
        n_sampled: items that each target is told apart from.
        dropout: share of the inputs and of the states that a step leaves out, 0..1.
    """

    n_sampled: int
    dropout: float


class Step:
    """A step of one network's training.

    Args:
        network: whose weights are moved, in place.
        training: how.
        optimiser: the moments of the weights.
        rate: the learning rate.
        chance: decides what is dropped and sampled.
    """

    def __init__(
        self, network: Network, training: Training, optimiser: Adam, rate: float, chance: np.random.Generator
    ) -> None:
        self._network, self._training, self._optimiser = network, training, optimiser
        self._rate, self._chance = rate, chance

    def take(self, batch: Batch) -> float:
        """Move the weights by one batch, and return its loss."""
        value, gradients = self.lose(batch)
        self._optimiser.step(self._network.weights, gradients, self._rate, LONGEST_GRADIENT)
        return value

    def lose(self, batch: Batch) -> tuple[float, Found]:
        """Return a batch's loss and its gradients by name; the rows that they need are brought up to date."""
        network = self._network
        inputs = self._read(batch)
        persons = self._begin(batch)
        layers = network.layers
        trace = run_forward(layers, inputs.events, batch.opens, None if persons is None else persons.states)
        asked = _Asked.of(batch, trace, inputs.events, persons)
        kept = _keep(asked.states.shape, self._training.dropout, self._chance)
        states = asked.states * kept
        value, gradients, d_wanted = self._answer(network.look_for(states, asked.events), asked)
        gradients["project"] = states.T @ d_wanted
        gradients["project_bias"] = d_wanted.sum(axis=0)
        d_after, d_first = asked.spread(trace, (d_wanted @ network.weights["project"].T) * kept)
        found = run_back(layers, trace, inputs.events, d_after, d_first)
        gradients |= _of_layers(found.layers) | inputs.spread(batch, found, d_wanted, asked.places)
        if persons is not None:
            gradients[TRAITS] = persons.spread(found)
        return value, gradients

    def _read(self, batch: Batch) -> _Inputs:
        network = self._network
        numbers, places = np.unique(batch.items.ravel().astype(np.intp), return_inverse=True)
        picked = Picked.of(network.description, numbers, self._chance)
        picked.catch_up(self._optimiser, network.weights, "items_in", self._rate)
        vectors = picked.look_up(network.weights, "items_in")[places].reshape(*batch.items.shape, -1)
        events = network.add_kinds(vectors, batch.types, batch.gaps)
        kept = _keep(events.shape, self._training.dropout, self._chance)
        events *= kept
        return _Inputs(picked, places, events, kept, len(network.weights["types_in"]))

    def _begin(self, batch: Batch) -> _Persons | None:
        traits = self._network.read_traits(batch.users)
        if traits is None:
            return None
        # Somebody of whom nothing is known must get on too.
        traits *= self._chance.random((len(traits), 1), np.float32) >= self._training.dropout
        return _Persons(traits, self._network.begin_persons(traits), np.flatnonzero(batch.first_weights))

    def _answer(self, wanted: Array, asked: _Asked) -> tuple[float, Found, Array]:
        """The loss, the gradients of the items as what comes next, and of what is wanted."""
        weights, description = self._network.weights, self._network.description
        if description is None:
            others = draw_others(len(weights["items_out"]), self._training.n_sampled, self._chance)
        else:
            others = description.met[draw_others(len(description.met), self._training.n_sampled, self._chance)]
        at_hand, places = np.unique(np.concatenate((asked.targets, others)), return_inverse=True)
        own, sampled = places[: len(wanted)], places[len(wanted) :]
        picked = Picked.of(description, at_hand, self._chance)
        for name in ("items_out", "item_bias"):
            picked.catch_up(self._optimiser, weights, name, self._rate)
        vectors, biases = picked.look_up(weights, "items_out"), picked.look_up(weights, "item_bias")
        loss = sampled_softmax(wanted, vectors, biases, own, sampled, asked.counts)
        d_vectors = sum_rows(own, loss.d_positive[:, None] * wanted, len(at_hand))
        d_vectors[sampled] += loss.d_sampled.T @ wanted
        d_biases = np.bincount(own, loss.d_positive, len(at_hand))
        d_biases[sampled] += loss.d_sampled.sum(axis=0)
        gradients = picked.spread("items_out", d_vectors)
        gradients |= picked.spread("item_bias", d_biases.astype(d_vectors.dtype))
        return loss.value, gradients, loss.d_wanted


class _Inputs(NamedTuple):
    """The events of a batch as vectors, and what they are made of."""

    picked: Picked
    places: Indices
    events: Array
    kept: Array
    n_types: int

    def spread(self, batch: Batch, found: Gradients, d_wanted: Array, asked: Indices) -> Found:
        """Return the gradients of all that events are made of; what is wanted holds the newest event too."""
        flat = found.events.reshape(-1, found.events.shape[-1])
        flat[asked] += d_wanted[: len(asked)]
        flat *= self.kept.reshape(flat.shape)
        return {
            **self.picked.spread("items_in", sum_rows(self.places, flat, len(self.picked.items))),
            "types_in": sum_rows(batch.types.ravel(), flat, self.n_types),
            "gaps_in": sum_rows(batch.gaps.ravel(), flat, N_GAPS),
        }


class _Persons(NamedTuple):
    """How the persons of a batch begin, where users' attributes are known.

    Attributes:
        traits: their attributes, shape (n_rows, n_traits).
        states: what these come to, shape (n_rows, n_hidden).
        newcomers: the pieces that begin a history, whose first event the person alone foretells; shape (n_first,).
    """

    traits: Array
    states: Array
    newcomers: Indices

    def spread(self, found: Gradients) -> Array:
        """Return the gradient of what turns attributes into states."""
        gradient: Array = self.traits.T @ (found.person * (1.0 - self.states * self.states))
        return gradient


class _Asked(NamedTuple):
    """What a batch foretells: first the next events, then the first ones of newcomers.

    Attributes:
        places: in the batch, flat, of the events that a next one follows, shape (n_next,).
        newcomers: see `_Persons`, shape (n_first,).
        states: that answers are made from, shape (n_next + n_first, n_hidden).
        events: the newest events' vectors, zeros where there are none yet, shape (n_next + n_first, width).
        targets, counts: the right answers, and how much each counts, shape (n_next + n_first,).
    """

    places: Indices
    newcomers: Indices
    states: Array
    events: Array
    targets: Indices
    counts: Array

    @classmethod
    def of(cls, batch: Batch, trace: Trace, events: Array, persons: _Persons | None) -> _Asked:
        """Ask for all that follows the batch's events."""
        places = np.flatnonzero(batch.weights.ravel())
        states, vectors = trace.after.reshape(-1, trace.after.shape[-1])[places], _flat(events)[places]
        targets, counts = batch.targets.ravel()[places].astype(np.intp), batch.weights.ravel()[places]
        newcomers = np.empty(0, np.intp) if persons is None else persons.newcomers
        if len(newcomers):
            states = np.concatenate((states, trace.before[0][newcomers]))
            vectors = np.concatenate((vectors, np.zeros((len(newcomers), vectors.shape[1]), vectors.dtype)))
            targets = np.concatenate((targets, batch.items[0][newcomers].astype(np.intp)))
            counts = np.concatenate((counts, batch.first_weights[newcomers]))
        return cls(places, newcomers, states, vectors, targets, counts)

    def spread(self, trace: Trace, d_states: Array) -> tuple[Array, Array]:
        """Return the gradients of the states after each step, and of those before the first."""
        d_after = np.zeros(trace.after.shape, d_states.dtype)
        _flat(d_after)[self.places] = d_states[: len(self.places)]
        d_first = np.zeros(trace.after.shape[1:], d_states.dtype)
        d_first[self.newcomers] = d_states[len(self.places) :]
        return d_after, d_first


def sum_rows(places: Indices | NDArray[np.int8], rows: Array, n_places: int) -> Array:
    """Sum rows that go to the same place, shape (n_places, width)."""
    order = np.argsort(places, kind="stable")
    sorted_places = places[order]
    firsts = np.flatnonzero(np.concatenate(([True], sorted_places[1:] != sorted_places[:-1])))
    summed = np.zeros((n_places, rows.shape[1]), rows.dtype)
    summed[sorted_places[firsts]] = np.add.reduceat(rows[order], firsts, axis=0)
    return summed


def _flat(vectors: Array) -> Array:
    return vectors.reshape(-1, vectors.shape[-1])


def _keep(shape: tuple[int, ...], dropout: float, chance: np.random.Generator) -> Array:
    """Zeros for what is dropped, and for the rest what makes up for it."""
    if not dropout:
        return np.ones(shape, np.float32)
    kept = chance.random(shape, np.float32) >= dropout
    return kept * np.float32(1.0 / (1.0 - dropout))


def _of_layers(layers: Layers) -> Found:
    """Gradients of the layers by the weights' names; a part that no batch reached has zeros, which change nothing."""
    return {
        **name_cell("session", layers.session),
        **name_cell("person", layers.person),
        "opening": layers.opening,
        "opening_bias": layers.opening_bias,
    }
