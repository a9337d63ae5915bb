"""What a fitted model answers: lists, scores and reasons, for histories of events."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.answers.candidates import Candidates
from recommendations.engine.answers.encoding import Encoded, Traits, encode_history
from recommendations.engine.answers.explaining import Contribution, contributions, newest_distinct
from recommendations.engine.answers.scoring import Everywhere, Scoring
from recommendations.engine.exceptions import NotFitted, UnknownId
from recommendations.engine.interactions import Event

if TYPE_CHECKING:
    from recommendations.engine.live.activity import LiveActivity


class Answering(ABC):
    """The half of a model that a request meets; how it learns is the other half's business.

    A model must score a history's items, and may do better than the dense array that all else is made from by default.

    Attributes:
        item_ids_: the catalogue, ascending; length n_items.
    """

    name: ClassVar[str]
    event_weights: Mapping[str, float] | None
    item_ids_: tuple[str, ...]
    _item_index: dict[str, int]

    def is_fitted(self) -> bool:
        """Return whether the model has been trained or loaded."""
        return hasattr(self, "_item_index")

    def recommend(
        self,
        histories: Sequence[Sequence[Event]],
        k: int,
        allowed: NDArray[np.bool_] | None = None,
        *,
        live: LiveActivity | None = None,
        traits: Sequence[Traits | None] | None = None,
    ) -> tuple[list[list[str]], list[NDArray[np.float32]]]:
        """Rank items for each history.

        Args:
            histories: a shopper's events each, oldest first; items not in the catalogue and events of weight 0 are
                ignored.
            k: the most items to return, at least 1.
            allowed: which of `item_ids_` may be returned, shape (n_items,); all by default.
            live: what everybody did since the training.
            traits: the attributes of each history's user, as many as histories; none by default.

        Returns:
            For each history the item ids, best first, and their scores. A list is shorter than k only when fewer
            items are allowed or have a score above 0; it never repeats an item.

        Raises:
            NotFitted: the model was not trained.
            ValueError: k is below 1, `allowed` has the wrong shape, or `traits` the wrong length.
        """
        self._require_fitted()
        if k < 1:
            raise ValueError(f"k is {k}; ask for at least 1 item.")
        if allowed is not None and (allowed.dtype != np.bool_ or allowed.shape != (len(self.item_ids_),)):
            raise ValueError(
                f"allowed has shape {allowed.shape} and type {allowed.dtype}; give booleans of shape "
                f"({len(self.item_ids_)},), one for each of item_ids_."
            )
        if traits is not None and len(traits) != len(histories):
            raise ValueError(f"traits holds {len(traits)} users and histories {len(histories)}; give one for each.")
        ids: list[list[str]] = []
        scores: list[NDArray[np.float32]] = []
        item_ids = self.item_ids_
        for number, history in enumerate(histories):
            encoded = self.encode(history, live=live, traits=None if traits is None else traits[number])
            best = self.score_candidates(encoded, allowed, k).best(k)
            ids.append([item_ids[item] for item in best.items.tolist()])
            scores.append(best.scores)
        return ids, scores

    def score(self, history: Sequence[Event]) -> NDArray[np.float32]:
        """Return the score of every item of the catalogue for one history, shape (n_items,); 0 is 'not offered'.

        Raises:
            NotFitted: the model was not trained.
        """
        self._require_fitted()
        return self.score_history(self.encode(history))

    def explain(self, history: Sequence[Event], item_id: str, n: int = 3) -> list[Contribution]:
        """Return the history items that pulled an item up most, by taking out each of the newest in turn.

        Args:
            history: a shopper's events, oldest first.
            item_id: the recommended item.
            n: the most history items to return.

        Returns:
            Contributions above 0, greatest first; empty when the history plays no part.

        Raises:
            NotFitted: the model was not trained.
            UnknownId: the item is not in the catalogue.
        """
        self._require_fitted()
        if item_id not in self._item_index:
            raise UnknownId(f"Item {item_id!r} is not in the catalogue of this model.")
        return self.explain_list(history, [item_id], n)[item_id]

    def explain_list(
        self,
        history: Sequence[Event],
        item_ids: Sequence[str],
        n: int = 1,
        *,
        live: LiveActivity | None = None,
        traits: Traits | None = None,
    ) -> dict[str, list[Contribution]]:
        """Explain every item of a list as `explain` does, each take-out serving the whole list.

        Args:
            history: a shopper's events, oldest first.
            item_ids: the recommended items; those not in the catalogue have no explanation.
            n: the most history items to return for an item.
            live, traits: what the list was made with besides the history, see `recommend`.

        Returns:
            For each item of the list its contributions above 0, greatest first, at most n.

        Raises:
            NotFitted: the model was not trained.
        """
        self._require_fitted()
        encoded = self.encode(history, live=live, traits=traits)
        known = [item_id for item_id in dict.fromkeys(item_ids) if item_id in self._item_index]
        found: dict[str, list[Contribution]] = {item_id: [] for item_id in item_ids}
        taken_out = newest_distinct(encoded.items)
        if not known or not len(taken_out):
            return found
        scores = self.score_without(encoded, taken_out, self.indices_of(known))
        names = [self.item_ids_[item] for item in taken_out.tolist()]
        for item_id, column in zip(known, scores.T, strict=True):
            found[item_id] = contributions(names, column, n)
        return found

    def general_items(self) -> NDArray[np.intp]:
        """Return what suits anybody, best first, for a history without a scored item; none unless a model says so.

        Raises:
            NotFitted: the model was not trained.
        """
        self._require_fitted()
        return np.empty(0, np.intp)

    def allow_all(self) -> NDArray[np.bool_]:
        """Return a mask that allows every item, shape (n_items,), to take items out of."""
        return np.ones(len(self.item_ids_), np.bool_)

    def indices_of(self, item_ids: Iterable[str]) -> NDArray[np.intp]:
        """Return the catalogue indices of those ids that are in the catalogue, in their order."""
        found = [self._item_index.get(item_id, -1) for item_id in item_ids]
        return np.array([item for item in found if item >= 0], np.intp)

    def encode(
        self, history: Sequence[Event], *, live: LiveActivity | None = None, traits: Traits | None = None
    ) -> Encoded:
        """Return a history as the model's own indices, leaving out what the model ignores."""
        encoded = encode_history(history, self._item_index, self.event_weights)
        return encoded if live is None and traits is None else encoded._replace(live=live, traits=traits)

    def score_history(self, encoded: Encoded) -> NDArray[np.float32]:
        """Return every item's score, shape (n_items,), for an encoded history.

        Models that also use what kind each event was, or when it came, override this; for all others the order of the
        items is everything. The caller may not change the returned array: it may be the model's own.
        """
        return self.score_items(encoded.items)

    def scoring(self, encoded: Encoded) -> Scoring:
        """Return the scores of a history, to be worked out as far as they are asked for.

        Models that need not score the whole catalogue to know its best override this.
        """
        return Everywhere(self.score_history(encoded))

    def scoring_beside(self, items: NDArray[np.intp], weights: NDArray[np.float32]) -> Scoring:  # noqa: ARG002
        """Return what belongs beside something that is like some items; as for a history of them, unless a model says.

        Args:
            items: different catalogue indices, the most alike last, shape (n,).
            weights: how much it is like each, shape (n,).
        """
        return self.scoring(Encoded.of_order(items))

    def score_candidates(self, encoded: Encoded, allowed: NDArray[np.bool_] | None = None, k: int = 500) -> Candidates:
        """Return items among which the k best are, ascending, and their scores, all above 0.

        Args:
            encoded: the history.
            allowed: which items may be among them, shape (n_items,); all by default.
            k: how many the caller will choose, at least 1.
        """
        return self.scoring(encoded).best(k, allowed)

    def score_at(self, encoded: Encoded, items: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the scores of some items, shape (n,), on the scale of `score_history`."""
        return self.scoring(encoded).at(items)

    def score_without(
        self, encoded: Encoded, taken_out: NDArray[np.intp], items: NDArray[np.intp]
    ) -> NDArray[np.float32]:
        """Return the scores of some items for the history, and for it without each of some others.

        Models override this that need not answer each of these histories whole, and may then hold fast what the whole
        history has chosen: which sessions vote, what a part's scores are scaled by.

        Args:
            encoded: the history.
            taken_out: items of the history, shape (n_taken_out,).
            items: shape (n_items,).

        Returns:
            Shape (1 + n_taken_out, n_items); the first row is for the whole history.
        """
        histories = (encoded, *map(encoded.without, taken_out.tolist()))
        return np.stack([self.score_at(history, items) for history in histories])

    @abstractmethod
    def score_items(self, items: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return every item's score, shape (n_items,), for a history of item indices, oldest first.

        The caller may not change the returned array: it may be the model's own.
        """

    def _index_items(self) -> None:
        self._item_index = {item_id: number for number, item_id in enumerate(self.item_ids_)}

    def _require_fitted(self) -> None:
        if not self.is_fitted():
            raise NotFitted(f"The model {self.name} is not trained. Call fit first, or load an artifact.")
