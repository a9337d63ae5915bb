"""The contract of every model: fit on interactions, recommend from histories."""

from __future__ import annotations

import inspect
from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.answers.answering import Answering
from recommendations.engine.exceptions import InvalidHyperparameter, NotEnoughData
from recommendations.engine.interactions import Interactions
from recommendations.engine.training import Progress, ShouldStop, TrainingRun

EventWeights = Mapping[str, float]


class Recommender(Answering):
    """A model that ranks items for a history of events.

    Hyperparameters are kept as given and checked by `fit`. Learned arrays end in `_`. Items are external ids at
    the door and indices into `item_ids_` inside. A fitted model is never changed by a request, so that threads and
    processes may share it.

    Attributes:
        name: the model's name in artifacts and reports.
        learned: the learned arrays that an artifact keeps.
        recommends_for_cold: whether an empty history gets items; if not, it gets an empty list.
        answers_untouched: whether items without an event get scores; a blend then never leaves the model out.
        may_count_against: whether a blend may give the model a weight below 0.
        trains_long: whether training takes minutes, so that a blend trains the model once, within its budget.
        goes_on_: whether the last training went on from an earlier model.
        decays: what a blend may set `history_decay` to, which training does not depend on; none by default.
        item_ids_: the catalogue, the items seen in training or in metadata, ascending; length n_items.
    """

    name: ClassVar[str]
    learned: ClassVar[tuple[str, ...]]
    recommends_for_cold: ClassVar[bool] = False
    answers_untouched: ClassVar[bool] = False
    may_count_against: ClassVar[bool] = False
    trains_long: ClassVar[bool] = False
    decays: ClassVar[tuple[float, ...]] = ()

    seed: int
    history_decay: float
    goes_on_: bool = False

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

    @classmethod
    def choices(cls) -> Mapping[str, tuple[float, ...]]:
        """Return what a blend may set hyperparameters to that training does not depend on, by their names."""
        return {"history_decay": cls.decays} if cls.decays else {}

    def suits(self, interactions: Interactions) -> bool:  # noqa: ARG002 - most models take whatever there is
        """Return whether the model can learn from so much."""
        return True

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

    def warm_start_from(self, previous: Recommender | None) -> Self:  # noqa: ARG002 - only some models can
        """Let the next training go on from an earlier model, where this kind of model can; most train afresh.

        Args:
            previous: a fitted model; one of another kind makes no difference, nor does None.

        Raises:
            NotFitted: the previous model was not trained.
        """
        return self

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

    def _forget(self) -> None:
        for name in [name for name in vars(self) if name.endswith("_") or name.startswith("_")]:
            delattr(self, name)


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
