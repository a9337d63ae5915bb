"""HRNN: a recurrent network over the events of a session, and one above it that carries the person along."""

from __future__ import annotations

from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.answers.recurrent_answers import INDEX, RecurrentAnswers
from recommendations.engine.base import EventWeights, Recommender, require_range
from recommendations.engine.exceptions import InvalidHyperparameter
from recommendations.engine.interactions import Interactions
from recommendations.engine.neural.learning import Describe, Learner, Settings
from recommendations.engine.neural.network import Network
from recommendations.engine.neural.warm_start import Previous
from recommendations.engine.training import TrainingRun

# What it learns besides the network's weights.
FACTS = ("type_names_", "is_timed_", "popularity_", "curve_")


class Hrnn(RecurrentAnswers):
    """Hierarchical recurrent network; trained and served in numpy.

    An event is the sum of its item's vector, its type's and that of the time since the event before. A first layer
    reads the events of a session; where a session ends, a second layer takes it in and opens the next one. What is
    wanted is a projection of the first layer's state plus the newest event's vector, and an item's score is its
    product with that. Item vectors begin as a factorisation of which item comes soon after which, so that the network
    foretells well before its first step.

    The newest event of `validation_users` users is never trained on: after each pass they are foretold, and the best
    pass is kept. There is no second training on everything.

    Scores are exp((s - greatest s) / temperature), the greatest being 1. An empty history gets the items by
    popularity.

    Args:
        hidden_dimension: width of both layers' states, 32..256 as in Amazon Personalize; whose default is 43.
        bptt: events that a prediction looks back on in training; Personalize allows 2..32 and takes 32, here 2..200.
        recency_mask: whether recent events count more as what to foretell: an event's weight falls to a quarter with
            a half-life of 30 days. Nothing where time is only an order. Personalize's default.
        min_user_history_length_percentile: users with shorter histories than this share of all are not learned from;
            Personalize's default.
        max_user_history_length_percentile: users with longer histories than this share of all are not learned from:
            they are often robots; Personalize's default.
        width: of an item's vector; as all that follow, ours.
        passes: how often each event is learned from, unless a budget allows less or checks find nothing better.
        learning_rate: the greatest; it rises in the first steps and falls to a fiftieth.
        dropout: share of inputs and states left out in training.
        n_sampled: items that each next item is told apart from.
        window: the greatest distance of a pair in the factorisation, in events.
        session_gap_s: seconds without an event that end a session.
        is_timed: whether timestamps are moments; if not, they are only an order, there are no gaps, and every user
            has one session. By default they are moments unless all lie before 1990: nobody shopped online then, and
            data sets that number a user's events have such numbers.
        history_size: the newest events of a history that are read.
        temperature: of the scores. Higher ones leave less of a lead to the first few, which makes no difference to the
            order, but to a blend: beside rules and EASE, 2 to 4 foretold best.
        validation_users: the most users whose newest event is withheld; at most a fifth of all, none of few.
        event_weights: how much it counts to foretell an event of a type; 1 for types not named, 0 to leave a type out.
        seed: of everything random.

    Source:
        Quadrana et al., "Personalizing session-based recommendations with hierarchical recurrent neural networks"
        (2017); Amazon Personalize developer guide, "HRNN recipe (legacy)", for the first five arguments.
    """

    name: ClassVar[str] = "hrnn"
    learned: ClassVar[tuple[str, ...]] = (*(f"{name}_" for name in Network.names()), *FACTS, *INDEX)
    recommends_for_cold: ClassVar[bool] = True
    trains_long: ClassVar[bool] = True

    curve_: NDArray[np.float64]

    def __init__(
        self,
        hidden_dimension: int = 128,
        bptt: int = 32,
        *,
        recency_mask: bool = True,
        min_user_history_length_percentile: float = 0.0,
        max_user_history_length_percentile: float = 0.99,
        width: int = 64,
        passes: float = 10,
        learning_rate: float = 3e-3,
        dropout: float = 0.2,
        n_sampled: int = 512,
        window: int = 10,
        session_gap_s: int = 1_800,
        is_timed: bool | None = None,
        history_size: int = 200,
        temperature: float = 3.0,
        validation_users: int = 1_000,
        event_weights: EventWeights | None = None,
        seed: int = 0,
    ) -> None:
        self.hidden_dimension = hidden_dimension
        self.bptt = bptt
        self.recency_mask = recency_mask
        self.min_user_history_length_percentile = min_user_history_length_percentile
        self.max_user_history_length_percentile = max_user_history_length_percentile
        self.width = width
        self.passes = passes
        self.learning_rate = learning_rate
        self.dropout = dropout
        self.n_sampled = n_sampled
        self.window = window
        self.session_gap_s = session_gap_s
        self.is_timed = is_timed
        self.history_size = history_size
        self.temperature = temperature
        self.validation_users = validation_users
        self.event_weights = event_weights
        self.seed = seed
        self.previous: Previous | None = None

    def warm_start_from(self, previous: Recommender | None) -> Self:
        """Let the next training go on from a fitted model of the same size: fewer passes, at a lower rate.

        Vectors are matched by item id; items that it did not know begin with tonight's factorisation, turned into its
        space. A model of another size, or None, makes no difference. With the same seed the withheld users are the
        same, so that the newest event of none of them has been learned before.

        Raises:
            NotFitted: the previous model was not trained.
        """
        self.previous = previous.as_previous() if isinstance(previous, Hrnn) else None
        return self

    def as_previous(self) -> Previous:
        """Return what the training of a later model goes on from.

        Raises:
            NotFitted: the model was not trained.
        """
        self._require_fitted()
        return Previous(self._network.weights, self.item_ids_, self.type_names_.tolist())

    def clone(self) -> Self:
        """Return an untrained model with the same hyperparameters that goes on from the same model."""
        copy = super().clone()
        copy.previous = self.previous
        return copy

    def _describe(self, interactions: Interactions) -> Describe | None:  # noqa: ARG002
        """What describes items and users to the network besides their ids; nothing."""
        return None

    def check(self) -> None:
        """Raise InvalidHyperparameter for one that is out of range."""
        require_range("hidden_dimension", self.hidden_dimension, 32, 256)
        require_range("bptt", self.bptt, 2, 200)
        low, high = self.min_user_history_length_percentile, self.max_user_history_length_percentile
        require_range("min_user_history_length_percentile", low, 0, 1)
        require_range("max_user_history_length_percentile", high, 0, 1)
        if low > high:
            raise InvalidHyperparameter(
                f"min_user_history_length_percentile is {low}, above max_user_history_length_percentile, which is "
                f"{high}; give them in order."
            )
        require_range("width", self.width, 8, 256)
        require_range("passes", self.passes, 0, 100)
        require_range("learning_rate", self.learning_rate, 1e-5, 0.1)
        require_range("dropout", self.dropout, 0, 0.9)
        require_range("n_sampled", self.n_sampled, 1, 8_192)
        require_range("window", self.window, 1, 100)
        require_range("session_gap_s", self.session_gap_s, 1, 31_536_000)
        require_range("history_size", self.history_size, 1, 1_000)
        require_range("temperature", self.temperature, 0.05, 100)
        require_range("validation_users", self.validation_users, 0, 100_000)

    def _learn(self, interactions: Interactions, weights: NDArray[np.float32], run: TrainingRun) -> None:
        learner = Learner(self._settings(), interactions, weights, run, self._describe(interactions))
        before = self._last_night()
        self.goes_on_ = before is not None
        learned = learner.learn(before)
        for name, array in learned.weights.items():
            setattr(self, f"{name}_", array)
        self.type_names_ = np.array(interactions.event_types, np.str_)
        self.is_timed_ = np.array([learner.is_timed])
        counts = np.bincount(interactions.items, weights, interactions.n_items)
        self.popularity_ = (counts / counts.max()).astype(np.float32)
        self.curve_ = np.array(learned.curve, np.float64).reshape(-1, 3)

    def _last_night(self) -> Previous | None:
        before = self.previous
        size = (self.width, self.hidden_dimension)
        return before if before is not None and before.weights["project"].shape[::-1] == size else None

    def _settings(self) -> Settings:
        return Settings(**{name: getattr(self, name) for name in Settings.__annotations__})
