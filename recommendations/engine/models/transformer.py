"""A transformer over a shopper's events: trained with torch, served in numpy."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.answers.encoding import Encoded
from recommendations.engine.base import EventWeights, Recommender, require_range
from recommendations.engine.exceptions import InvalidHyperparameter
from recommendations.engine.interactions import Interactions
from recommendations.engine.neural.attention import Body, Reader
from recommendations.engine.neural.batches import bucket_gaps, time_between
from recommendations.engine.neural.cells import Array
from recommendations.engine.neural.torch_body import require_torch
from recommendations.engine.neural.transformer_learning import Settings, TransformerLearner
from recommendations.engine.neural.warm_start import Previous
from recommendations.engine.training import TrainingRun

N_BLOCKS = 2
WEIGHT_NAMES = Body(0, N_BLOCKS, 1, 0).names()
# What it learns besides the weights.
FACTS = ("type_names_", "is_timed_", "popularity_", "curve_")


class Transformer(Recommender):
    """Self-attention over the newest events; trained with torch, the extra [neural], and served in numpy.

    An event is the sum of its item's vector, its type's and that of the time since the event before. Two blocks let
    each event hear those before it, positions being how far back they lie. What is wanted is a projection of the newest
    event's state plus its own vector, and an item's score is its product with that. Item vectors begin as HRNN's do, as
    a factorisation of which item comes soon after which; loss, validation and the choice of the best pass are the same.

    Scores are exp((s - greatest s) / temperature), the greatest being 1. An empty history gets the items by
    popularity.

    Args:
        width: of an event's vector and of the blocks.
        n_heads: of each block; the width is a multiple of them.
        history_size: the newest events that are read, in training and in serving.
        recency_mask: whether recent events count more as what to foretell; see HRNN.
        passes: how often each event is learned from, unless a budget allows less or checks find nothing better.
        learning_rate: the greatest; it rises in the first steps and falls to a fiftieth.
        dropout: share of the inputs and of what each part of a block adds that is left out in training.
        n_sampled: items that each next item is told apart from.
        window: the greatest distance of a pair in the factorisation, in events.
        is_timed: whether timestamps are moments; see HRNN.
        temperature: of the scores.
        validation_users: the most users whose newest event is withheld; at most a fifth of all, none of few.
        event_weights: how much it counts to foretell an event of a type; 1 for types not named, 0 to leave a type out.
        seed: of everything random.

    Source:
        Kang and McAuley, "Self-attentive sequential recommendation" (2018).
    """

    name: ClassVar[str] = "transformer"
    learned: ClassVar[tuple[str, ...]] = (*(f"{name}_" for name in WEIGHT_NAMES), *FACTS)
    recommends_for_cold: ClassVar[bool] = True
    trains_long: ClassVar[bool] = True

    type_names_: NDArray[np.str_]
    is_timed_: NDArray[np.bool_]
    popularity_: NDArray[np.float32]
    curve_: NDArray[np.float64]
    _weights: dict[str, Array]
    _reader: Reader
    _types: dict[str, int]

    def __init__(
        self,
        width: int = 64,
        n_heads: int = 2,
        history_size: int = 100,
        *,
        recency_mask: bool = True,
        passes: float = 20,
        learning_rate: float = 2e-3,
        dropout: float = 0.2,
        n_sampled: int = 512,
        window: int = 10,
        is_timed: bool | None = None,
        temperature: float = 3.0,
        validation_users: int = 1_000,
        event_weights: EventWeights | None = None,
        seed: int = 0,
    ) -> None:
        self.width = width
        self.n_heads = n_heads
        self.history_size = history_size
        self.recency_mask = recency_mask
        self.passes = passes
        self.learning_rate = learning_rate
        self.dropout = dropout
        self.n_sampled = n_sampled
        self.window = window
        self.is_timed = is_timed
        self.temperature = temperature
        self.validation_users = validation_users
        self.event_weights = event_weights
        self.seed = seed
        self.previous: Previous | None = None

    def warm_start_from(self, previous: Recommender | None) -> Self:
        """Let the next training go on from a fitted transformer of the same sizes: fewer passes, at a lower rate.

        Raises:
            NotFitted: the previous one was not trained.
        """
        self.previous = None
        if isinstance(previous, Transformer):
            arrays = previous.learned_arrays()
            weights = {name: np.asarray(arrays[f"{name}_"], np.float32) for name in WEIGHT_NAMES}
            self.previous = Previous(weights, previous.item_ids_, previous.type_names_.tolist())
        return self

    def clone(self) -> Self:
        """Return an untrained model with the same hyperparameters that goes on from the same model."""
        copy = super().clone()
        copy.previous = self.previous
        return copy

    def score_history(self, encoded: Encoded) -> NDArray[np.float32]:
        """Return every item's score, shape (n_items,), above 0 and at most 1."""
        if not len(encoded.items):
            return self.popularity_
        scores: Array = self._weights["items_out"] @ self.look_for(encoded)
        scores += self._weights["item_bias"]
        scores -= scores.max()
        scores *= np.float32(1.0 / self.temperature)
        # Below this a score would be 0, and the item not offered.
        np.maximum(scores, np.float32(-80.0), out=scores)
        found: NDArray[np.float32] = np.exp(scores, out=scores)
        return found

    def score_items(self, items: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return every item's score for items of which only the order is known, shape (n_items,)."""
        return self.score_history(Encoded.of_order(items))

    def look_for(self, encoded: Encoded) -> Array:
        """Return what is wanted after a history that is not empty, shape (width,)."""
        newest = encoded.tail(self.history_size)
        unknown = len(self._types)
        types = np.array([self._types.get(kind, unknown) for kind in newest.event_types], np.intp)
        gaps = np.zeros(len(newest.items), np.int8)
        if self.is_timed_[0]:
            gaps[1:] = bucket_gaps(time_between(newest.timestamps))
        events = self._weights["items_in"][newest.items]
        events += self._weights["types_in"][types]
        events += self._weights["gaps_in"][gaps]
        return self._reader.look_for(events)

    def check(self) -> None:
        """Raise InvalidHyperparameter for one that is out of range."""
        require_range("width", self.width, 8, 256)
        require_range("n_heads", self.n_heads, 1, 16)
        if self.width % self.n_heads:
            raise InvalidHyperparameter(f"width is {self.width}, no multiple of n_heads, which is {self.n_heads}.")
        require_range("history_size", self.history_size, 2, 500)
        require_range("passes", self.passes, 0, 1_000)
        require_range("learning_rate", self.learning_rate, 1e-5, 0.1)
        require_range("dropout", self.dropout, 0, 0.9)
        require_range("n_sampled", self.n_sampled, 1, 8_192)
        require_range("window", self.window, 1, 100)
        require_range("temperature", self.temperature, 0.05, 100)
        require_range("validation_users", self.validation_users, 0, 100_000)

    def _learn(self, interactions: Interactions, weights: NDArray[np.float32], run: TrainingRun) -> None:
        require_torch()
        before = self._last_night()
        self.goes_on_ = before is not None
        settings = Settings(**{name: getattr(self, name) for name in Settings.__annotations__})
        learned = TransformerLearner(settings, N_BLOCKS, interactions, weights, run).learn(before)
        for name, array in learned.weights.items():
            setattr(self, f"{name}_", array)
        self.type_names_ = np.array(interactions.event_types, np.str_)
        self.is_timed_ = np.array([learned.is_timed])
        counts = np.bincount(interactions.items, weights, interactions.n_items)
        self.popularity_ = (counts / counts.max()).astype(np.float32)
        self.curve_ = np.array(learned.curve, np.float64).reshape(-1, 3)

    def _last_night(self) -> Previous | None:
        before = self.previous
        if before is None:
            return None
        sizes = (before.weights["project"].shape[0], *before.weights["block0_distances"].shape)
        return before if sizes == (self.width, self.n_heads, self.history_size) else None

    def _index_items(self) -> None:
        super()._index_items()
        self._weights = {name: getattr(self, f"{name}_") for name in WEIGHT_NAMES}
        self._reader = Reader(self._weights, Body(self.width, N_BLOCKS, self.n_heads, self.history_size))
        self._types = {name: number for number, name in enumerate(self.type_names_.tolist())}
