"""The contract of every model: fit on interactions, recommend from histories."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.encoding import Encoded, encode_history
from recommendations.engine.exceptions import InvalidHyperparameter, NotEnoughData, NotFitted, UnknownId
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.ranking import top_k
from recommendations.engine.training import Progress, ShouldStop, TrainingRun

EventWeights = Mapping[str, float]
# Different items of a history that an explanation tries: each costs a request, and older ones pull little.
MOST_TAKEN_OUT = 20


@dataclass(frozen=True, slots=True)
class Contribution:
    """How far an item's score falls when one item is taken out of the history."""

    item_id: str
    amount: float


class Recommender(ABC):
    """A model that ranks items for a history of events.

    Hyperparameters are kept as given and checked by `fit`. Learned arrays end in `_`. Items are external ids at
    the door and indices into `item_ids_` inside. A fitted model is never changed by a request, so that threads and
    processes may share it.

    Attributes:
        name: the model's name in artifacts and reports.
        learned: the learned arrays that an artifact keeps.
        recommends_for_cold: whether an empty history gets items; if not, it gets an empty list.
        may_count_against: whether a blend may give the model a weight below 0.
        trains_long: whether training takes minutes, so that a blend trains the model once, within its budget.
        decays: what a blend may set `history_decay` to, which training does not depend on; none by default.
        item_ids_: the catalogue, the items seen in training, ascending; length n_items.
    """

    name: ClassVar[str]
    learned: ClassVar[tuple[str, ...]]
    recommends_for_cold: ClassVar[bool] = False
    may_count_against: ClassVar[bool] = False
    trains_long: ClassVar[bool] = False
    decays: ClassVar[tuple[float, ...]] = ()

    event_weights: EventWeights | None
    seed: int
    history_decay: float
    item_ids_: tuple[str, ...]
    _item_index: dict[str, int]

    def fit(
        self,
        interactions: Interactions,
        *,
        budget_s: float | None = None,
        checkpoint: Path | None = None,
        progress: Progress | None = None,
        should_stop: ShouldStop | None = None,
    ) -> Self:
        """Learn from interactions; whatever was learned before is forgotten.

        Args:
            interactions: every event; types whose weight in `event_weights` is 0 are left out, types it does not
                name have the weight 1.
            budget_s: CPU-seconds to stay within; models that train in seconds do only what fits.
            checkpoint: a folder where a long training keeps its state and finds it again when it was interrupted; to
                be removed by the caller afterwards. Models that train in seconds start afresh.
            progress: called with the share done, 0..1, never falling, and a note.
            should_stop: asked often; training ends when it returns true.

        Returns:
            The model itself.

        Raises:
            InvalidHyperparameter: a hyperparameter is out of range.
            NotEnoughData: no event is left to train on.
            TrainingStopped: `should_stop` returned true; the model is then not fitted.
        """
        self._forget()
        self.check()
        run = TrainingRun(progress, should_stop, budget_s, checkpoint)
        run.report(0.0, f"{self.name}: selecting events")
        selected, weights = select_events(interactions, self.event_weights)
        try:
            self.fit_selected(selected, weights, run)
            run.report(1.0, f"{self.name}: trained")
        except BaseException:
            self._forget()
            raise
        return self

    def fit_selected(self, interactions: Interactions, weights: NDArray[np.float32], run: TrainingRun) -> None:
        """Learn from events already selected; for models that are made of models.

        Args:
            interactions: the events to train on.
            weights: the weight of each row, above 0, shape (n_rows,).
            run: where to report.
        """
        self.item_ids_ = interactions.item_ids
        self._learn(interactions, weights, run)
        self._index_items()

    def recommend(
        self,
        histories: Sequence[Sequence[Event]],
        k: int,
        allowed: NDArray[np.bool_] | None = None,
    ) -> tuple[list[list[str]], list[NDArray[np.float32]]]:
        """Rank items for each history.

        Args:
            histories: a shopper's events each, oldest first; items not in the catalogue and events of weight 0 are
                ignored.
            k: the most items to return, at least 1.
            allowed: which of `item_ids_` may be returned, shape (n_items,); all by default.

        Returns:
            For each history the item ids, best first, and their scores. A list is shorter than k only when fewer
            items are allowed or have a score above 0; it never repeats an item.

        Raises:
            NotFitted: the model was not trained.
            ValueError: k is below 1, or `allowed` has the wrong shape.
        """
        self._require_fitted()
        if k < 1:
            raise ValueError(f"k is {k}; ask for at least 1 item.")
        if allowed is not None and (allowed.dtype != np.bool_ or allowed.shape != (len(self.item_ids_),)):
            raise ValueError(
                f"allowed has shape {allowed.shape} and type {allowed.dtype}; give booleans of shape "
                f"({len(self.item_ids_)},), one for each of item_ids_."
            )
        ids: list[list[str]] = []
        scores: list[NDArray[np.float32]] = []
        item_ids = self.item_ids_
        for history in histories:
            dense = self.score_history(self.encode(history))
            best = top_k(dense, k, allowed)
            ids.append([item_ids[item] for item in best.tolist()])
            scores.append(dense[best])
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
        target = self._item_index.get(item_id)
        if target is None:
            raise UnknownId(f"Item {item_id!r} is not in the catalogue of this model.")
        encoded = self.encode(history)
        whole = float(self.score_history(encoded)[target])
        drops = [
            Contribution(self.item_ids_[item], whole - float(self.score_history(encoded.without(item))[target]))
            for item in list(dict.fromkeys(encoded.items[::-1].tolist()))[:MOST_TAKEN_OUT]
        ]
        return sorted((drop for drop in drops if drop.amount > 0), key=lambda drop: (-drop.amount, drop.item_id))[:n]

    def allow_all(self) -> NDArray[np.bool_]:
        """Return a mask that allows every item, shape (n_items,), to take items out of."""
        return np.ones(len(self.item_ids_), np.bool_)

    def indices_of(self, item_ids: Iterable[str]) -> NDArray[np.intp]:
        """Return the catalogue indices of those ids that are in the catalogue, in their order."""
        found = [self._item_index.get(item_id, -1) for item_id in item_ids]
        return np.array([item for item in found if item >= 0], np.intp)

    def suits(self, interactions: Interactions) -> bool:  # noqa: ARG002 - most models take whatever there is
        """Return whether the model can learn from so much."""
        return True

    def encode(self, history: Sequence[Event]) -> Encoded:
        """Return a history as the model's own indices, leaving out what the model ignores."""
        return encode_history(history, self._item_index, self.event_weights)

    def score_history(self, encoded: Encoded) -> NDArray[np.float32]:
        """Return every item's score, shape (n_items,), for an encoded history.

        Models that also use what kind each event was, or when it came, override this; for all others the order of the
        items is everything. The caller may not change the returned array: it may be the model's own.
        """
        return self.score_items(encoded.items)

    @abstractmethod
    def score_items(self, items: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return every item's score, shape (n_items,), for a history of item indices, oldest first.

        The caller may not change the returned array: it may be the model's own.
        """

    @abstractmethod
    def _learn(self, interactions: Interactions, weights: NDArray[np.float32], run: TrainingRun) -> None:
        """Set the learned arrays."""

    @abstractmethod
    def check(self) -> None:
        """Raise InvalidHyperparameter for one that is out of range."""

    def hyperparameters(self) -> dict[str, object]:
        """Return the constructor's arguments as they were given."""
        return {name: getattr(self, name) for name in inspect.signature(type(self)).parameters}

    def clone(self) -> Self:
        """Return an untrained model with the same hyperparameters."""
        return type(self)(**self.hyperparameters())

    def is_fitted(self) -> bool:
        """Return whether the model has been trained or loaded."""
        return hasattr(self, "_item_index")

    def learned_arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return what an artifact must keep besides `item_ids_`.

        Raises:
            NotFitted: the model was not trained.
        """
        self._require_fitted()
        return {name: getattr(self, name) for name in self.learned}

    def restore(self, item_ids: tuple[str, ...], arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Take over learned arrays, which may be memory-mapped, as if they had just been trained."""
        self._forget()
        self.item_ids_ = item_ids
        for name in self.learned:
            setattr(self, name, arrays[name])
        self._index_items()

    def _index_items(self) -> None:
        self._item_index = {item_id: number for number, item_id in enumerate(self.item_ids_)}

    def _forget(self) -> None:
        for name in [name for name in vars(self) if name.endswith("_") or name.startswith("_")]:
            delattr(self, name)

    def _require_fitted(self) -> None:
        if not self.is_fitted():
            raise NotFitted(f"The model {self.name} is not trained. Call fit first, or load an artifact.")


def select_events(interactions: Interactions, weights: EventWeights | None) -> tuple[Interactions, NDArray[np.float32]]:
    """Return the events with a weight above 0, and their weights, shape (n_rows,).

    Raises:
        InvalidHyperparameter: a weight is negative or not finite.
        NotEnoughData: no event is left.
    """
    table = dict(weights or {})
    for event_type, weight in table.items():
        if not 0 <= weight < float("inf"):
            raise InvalidHyperparameter(f"event_weights[{event_type!r}] is {weight}; give a number of 0 or more.")
    by_type = np.array([table.get(name, 1.0) for name in interactions.event_types], np.float32)
    by_row = by_type[interactions.types] if len(interactions) else np.empty(0, np.float32)
    keep = by_row > 0
    if not keep.any():
        raise NotEnoughData(
            f"None of the {len(interactions)} interactions has an event type with a weight above 0. "
            f"Event types: {', '.join(interactions.event_types) or 'none'}."
        )
    return (interactions, by_row) if keep.all() else (interactions.take(keep), by_row[keep])


def require_range(name: str, value: object, low: float, high: float) -> None:
    """Raise InvalidHyperparameter unless low <= value <= high."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise InvalidHyperparameter(f"{name} is {value!r}; give a number from {low} to {high}.")
