"""Content: items by what they are, so that those nobody has touched can be recommended too."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.answers.encoding import Encoded
from recommendations.engine.answers.products import PositiveProducts
from recommendations.engine.answers.scoring import Everywhere, Scoring
from recommendations.engine.answers.vector_index import MOST_WITHOUT, VectorIndex
from recommendations.engine.attributes.features import make_features
from recommendations.engine.attributes.lifting import choose_exponent, draw_held
from recommendations.engine.attributes.ridge import fit_ridge
from recommendations.engine.base import EventWeights, Recommender, require_range
from recommendations.engine.exceptions import NotEnoughData
from recommendations.engine.interactions import Interactions
from recommendations.engine.neural.warm_start import factorise_sequences
from recommendations.engine.training import TrainingRun

# Events that vectors are learned from, which bounds the memory and the time of a training; more tell hardly more.
MOST_EVENTS = 2_000_000
SMALLEST_HISTORY_WEIGHT = 1e-3
Features = sparse.csr_array[np.float32]
INDEX = tuple(f"index_{name}_" for name in VectorIndex.arrays)


class Content(Recommender):
    """Vectors of items, learned from what comes soon after what where that is known, and foretold from attributes.

    left[i] . right[j] is about how much likelier j is soon after i than by chance (a factorisation of positive
    pointwise mutual information). A ridge regression foretells both from the item's attributes, as far as items with
    events teach it. An item with n events has the vectors n / (n + shrinkage) * learned + shrinkage / (n + shrinkage)
    * foretold: one that nobody touched is all foretold. A history is scored as the sum over its events of
    history_decay ** age * left, times right, where that is above 0. What is foretold of right is multiplied with the
    foretold popularity to an exponent between 0 and 0.5, by which items held out of the regression rank best.

    Args:
        width: numbers in a vector.
        window: the greatest distance of a pair of events.
        shrinkage: the events that weigh as much as the attributes.
        regularisation: how strongly the regression is held down.
        history_decay: what an event's weight is multiplied with for each newer event.
        history_size: the newest events that count, which bounds the work of a request.
        event_weights: 0 leaves a type out; other weights make no difference here.
        seed: of the vectors that the factorisation starts with, and of what is held out to choose the exponent.

    Source:
        Gantner et al., "Learning attribute-to-feature mappings for cold-start recommendations" (ICDM 2010), section 4,
        over the vectors of Levy and Goldberg, "Neural word embedding as implicit matrix factorization" (2014).
    """

    name: ClassVar[str] = "content"
    learned: ClassVar[tuple[str, ...]] = ("lefts_", "rights_", *INDEX)
    decays: ClassVar[tuple[float, ...]] = (0.5, 0.6, 0.7, 0.8, 0.9)
    answers_untouched: ClassVar[bool] = True

    lefts_: NDArray[np.float32]
    rights_: NDArray[np.float32]
    _index: VectorIndex

    def __init__(
        self,
        width: int = 64,
        window: int = 10,
        shrinkage: float = 10.0,
        regularisation: float = 2.0,
        history_decay: float = 0.6,
        history_size: int = 50,
        event_weights: EventWeights | None = None,
        seed: int = 0,
    ) -> None:
        self.width = width
        self.window = window
        self.shrinkage = shrinkage
        self.regularisation = regularisation
        self.history_decay = history_decay
        self.history_size = history_size
        self.event_weights = event_weights
        self.seed = seed

    def score_items(self, items: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return every item's score, shape (n_items,)."""
        if not len(items):
            return np.zeros(len(self.item_ids_), np.float32)
        scores: NDArray[np.float32] = self.rights_ @ self._look_for(items)
        return np.maximum(scores, np.float32(0.0), out=scores)

    def scoring(self, encoded: Encoded) -> Scoring:
        """Return every item's score, found by an index in a catalogue of more than 50,000 items."""
        if not len(self._index) or not len(encoded.items):
            return Everywhere(self.score_items(encoded.items))
        return PositiveProducts(self._look_for(encoded.items), self.rights_, self._index)

    def _look_for(self, items: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return what a history's right vectors are compared with, shape (width,)."""
        newest = items[-self.history_size :]
        decays = self.history_decay ** np.arange(len(newest) - 1, -1, -1.0)
        counts = decays >= SMALLEST_HISTORY_WEIGHT
        found: NDArray[np.float32] = decays[counts].astype(np.float32) @ self.lefts_[newest[counts]]
        return found

    def suits(self, interactions: Interactions) -> bool:
        """Return whether attributes of items are known."""
        known = interactions.item_metadata
        return known is not None and any((known.categorical, known.numerical, known.textual))

    def check(self) -> None:
        """Raise InvalidHyperparameter for one that is out of range."""
        require_range("width", self.width, 1, 1_024)
        require_range("window", self.window, 1, 100)
        require_range("shrinkage", self.shrinkage, 0, 1e6)
        require_range("regularisation", self.regularisation, 1e-6, 1e6)
        require_range("history_decay", self.history_decay, 0.01, 1)
        require_range("history_size", self.history_size, 1, 1_000)

    def _learn(self, interactions: Interactions, weights: NDArray[np.float32], run: TrainingRun) -> None:  # noqa: ARG002
        known = interactions.item_metadata
        if known is None or not self.suits(interactions):
            raise NotEnoughData("The model content needs attributes of items. Import an Items dataset.")
        run.report(0.0, "content: what comes after what")
        learned = self._factorise(interactions)
        run.report(0.6, "content: foretelling it from attributes")
        lefts, rights = self._foretell(interactions, make_features(known), learned)
        self.lefts_, self.rights_ = np.ascontiguousarray(lefts), np.ascontiguousarray(rights)
        index = VectorIndex.none(self.width)
        if interactions.n_items > MOST_WITHOUT:
            run.report(0.8, "content: sorting vectors into lists")
            index = VectorIndex.build(self.rights_, np.zeros(interactions.n_items, np.float32), self.seed)
        for name, kept in zip(VectorIndex.arrays, INDEX, strict=True):
            setattr(self, kept, getattr(index, name))

    def _index_items(self) -> None:
        super()._index_items()
        self._index = VectorIndex(*(getattr(self, name) for name in INDEX))

    def _factorise(self, interactions: Interactions) -> NDArray[np.float32]:
        """Return left and right vectors side by side, shape (n_items, 2 * width).

        Where there are many events, they are learned from some users, by chance.
        """
        users, items = interactions.users, interactions.items
        if len(interactions) > MOST_EVENTS:
            drawn = np.random.default_rng(self.seed).random(interactions.n_users)
            kept = drawn[users] < MOST_EVENTS / len(interactions)
            users, items = users[kept], items[kept]
        lefts, rights = factorise_sequences(
            np.asarray(users),
            np.asarray(items),
            interactions.n_items,
            self.width,
            self.window,
            self.seed,
            sketched=True,
        )
        return np.hstack([lefts, rights])

    def _foretell(
        self, interactions: Interactions, features: Features, learned: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return left and right vectors as learned, shrunk to what attributes foretell; both (n_items, width)."""
        counts = np.bincount(interactions.items, minlength=interactions.n_items).astype(np.float32)
        trust = counts / np.maximum(counts + np.float32(self.shrinkage), np.float32(1e-12))
        logs = np.log1p(counts)
        logs = np.where(counts > 0, logs - logs[counts > 0].mean(), np.float32(0.0))
        targets = np.hstack([learned, logs[:, None]]).astype(np.float32)
        exponent = self._choose_exponent(interactions, features, targets, trust)
        foretold = features @ fit_ridge(features, targets, trust, self.regularisation)
        vectors = trust[:, None] * learned + (1 - trust)[:, None] * foretold[:, :-1]
        lift = np.exp(exponent * (1 - trust) * foretold[:, -1])
        lifted = vectors[:, self.width :] * lift[:, None]
        return vectors[:, : self.width].astype(np.float32), lifted.astype(np.float32)

    def _choose_exponent(
        self,
        interactions: Interactions,
        features: Features,
        targets: NDArray[np.float32],
        trust: NDArray[np.float32],
    ) -> float:
        held = draw_held(interactions, self.seed)
        if not len(held):
            return 0.0
        trust = trust.copy()
        trust[held] = 0.0
        foretold = features[held] @ fit_ridge(features, targets, trust, self.regularisation)
        rights, logs = foretold[:, self.width : -1], foretold[:, -1]
        decays = self.history_decay ** np.arange(self.history_size - 1, -1, -1.0)
        lefts = targets[:, : self.width]
        return choose_exponent(interactions, held, lefts, rights, logs, decays, self.seed)
