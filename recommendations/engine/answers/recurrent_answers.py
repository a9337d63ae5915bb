"""How a trained recurrent network answers: from states kept between requests, by an index in large catalogues."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.answers.encoding import Encoded, Traits
from recommendations.engine.answers.products import Products, soften
from recommendations.engine.answers.scoring import Everywhere, Scoring
from recommendations.engine.answers.taking_out import keep_without
from recommendations.engine.answers.vector_index import MOST_WITHOUT, VectorIndex
from recommendations.engine.base import Recommender
from recommendations.engine.neural.batches import bucket_gaps, time_between
from recommendations.engine.neural.cells import Array
from recommendations.engine.neural.network import Network
from recommendations.engine.neural.rereading import Begun, Ending, look_again
from recommendations.engine.neural.shoppers import ShopperStates, Steps, find_anchor

INDEX = tuple(f"index_{name}_" for name in VectorIndex.arrays)
# A full window begins at one of this share of its events, see find_anchor.
ANCHOR_SHARE = 4
# Events that an explanation reads again for each item it takes out, and the items that it sets scores beside.
READ_AGAIN = 16
BESIDE = 100


class RecurrentAnswers(Recommender):
    """The half of HRNN that a request meets.

    Attributes:
        type_names_: the event types, as the network numbers them; one more stands for all others.
        is_timed_: whether timestamps are moments, shape (1,).
        popularity_: what a shopper of whom nothing is known gets, shape (n_items,).
    """

    temperature: float
    session_gap_s: int
    history_size: int
    width: int
    type_names_: NDArray[np.str_]
    is_timed_: NDArray[np.bool_]
    popularity_: NDArray[np.float32]
    _network: Network
    _states: ShopperStates
    _index: VectorIndex
    _types: dict[str, int]

    def score_history(self, encoded: Encoded) -> NDArray[np.float32]:
        """Return every item's score, shape (n_items,), above 0 and at most 1."""
        wanted = self._look_for(encoded)
        if wanted is None:
            return self.popularity_
        scores: NDArray[np.float32] = self._network.score(wanted)[0]
        return soften(scores, float(scores.max()), self.temperature)

    def scoring(self, encoded: Encoded) -> Scoring:
        """Return every item's score, found by the index in a catalogue of more than 50,000 items."""
        wanted = self._look_for(encoded) if len(self._index) else None
        if wanted is None:
            return Everywhere(self.score_history(encoded))
        weights = self._network.weights
        return Products(wanted[0], weights["items_out"], weights["item_bias"], self._index, self.temperature)

    def score_items(self, items: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return every item's score for items of which only the order is known, shape (n_items,)."""
        return self.score_history(Encoded.of_order(items))

    def score_without(
        self, encoded: Encoded, taken_out: NDArray[np.intp], items: NDArray[np.intp]
    ) -> NDArray[np.float32]:
        """Return some items' scores, and those when each of some others is not among the newest 16 events.

        Each time the scores are scaled by the greatest among what are the 100 best items with everything.
        """
        if not len(encoded.items):
            return np.tile(self.score_at(encoded, items), (1 + len(taken_out), 1))
        at = len(encoded.items) - min(READ_AGAIN, len(encoded.items))
        before, end = encoded.part(0, at), encoded.part(at, len(encoded.items))
        newest_at = int(before.timestamps[-1]) if at else None
        person = self._begin_person(encoded.traits)
        begun = Begun(*self._states.both_after(self._read(before), person), newest_at)
        ending = Ending(end.items, self._number_types(end.event_types), end.timestamps if self.is_timed_[0] else None)
        is_left = keep_without(end.items, taken_out)
        wanted = look_again(self._network, begun, ending, is_left, self.session_gap_s)
        beside = np.concatenate((items, self.scoring(encoded).best(BESIDE).items))
        weights = self._network.weights
        products = np.asarray(wanted @ weights["items_out"][beside].T + weights["item_bias"][beside], np.float32)
        scores = soften(products[:, : len(items)], products.max(axis=1, keepdims=True), self.temperature)
        if not at and person is None:
            scores[~is_left.any(axis=1)] = self.popularity_[items]
        return scores

    def uses_index(self) -> bool:
        """Return whether the best items are found by an index, which may miss some."""
        self._require_fitted()
        return len(self._index) > 0

    def forget_shoppers(self) -> None:
        """Drop the states kept between requests: every history is then read from its first event again."""
        self._require_fitted()
        self._states = ShopperStates(self._network)

    def _look_for(self, encoded: Encoded) -> Array | None:
        """What is wanted after a history, shape (1, width); None where nothing is known of the shopper."""
        person = self._begin_person(encoded.traits)
        if not len(encoded.items) and (person is None or not person.any()):
            return None
        state, event = self._states.after(self._read(encoded), person)
        return self._network.look_for(state[None], event[None])

    def _begin_person(self, traits: Traits | None) -> Array | None:  # noqa: ARG002 - ids alone tell nothing of them
        """The state that a person begins with, shape (n_hidden,); None where all begin with zeros."""
        return None

    def _read(self, encoded: Encoded) -> Steps:
        """The newest events, as the network takes them."""
        newest = encoded.tail(self.history_size)
        items, kinds, times = newest.items, newest.event_types, newest.timestamps
        if len(items) == self.history_size:
            first = find_anchor(items, times, max(1, self.history_size // ANCHOR_SHARE))
            items, kinds, times = items[first:], kinds[first:], times[first:]
        types = self._number_types(kinds)
        gaps, opens = np.zeros(len(items), np.int8), np.zeros(len(items), np.bool_)
        if self.is_timed_[0]:
            apart = time_between(times)
            gaps[1:] = bucket_gaps(apart)
            opens[1:] = apart > self.session_gap_s
        return Steps(items, types, gaps, opens)

    def _number_types(self, kinds: tuple[str, ...]) -> NDArray[np.intp]:
        unknown = len(self._types)
        return np.array([self._types.get(kind, unknown) for kind in kinds], np.intp)

    def _index_items(self) -> None:
        super()._index_items()
        self._network = Network({name: getattr(self, f"{name}_") for name in Network.names()})
        self._states = ShopperStates(self._network)
        self._types = {name: number for number, name in enumerate(self.type_names_.tolist())}
        if not hasattr(self, INDEX[0]):
            self._index_vectors()
        self._index = VectorIndex(*(getattr(self, name) for name in INDEX))

    def _index_vectors(self) -> None:
        """Sort the items' vectors into the lists of an index, where there are too many to go through."""
        index = VectorIndex.none(self.width)
        if len(self.item_ids_) > MOST_WITHOUT:
            index = VectorIndex.build(self._network.weights["items_out"], self._network.weights["item_bias"], self.seed)
        for name, kept in zip(VectorIndex.arrays, INDEX, strict=True):
            setattr(self, kept, getattr(index, name))
