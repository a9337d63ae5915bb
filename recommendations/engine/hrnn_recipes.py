"""What the three recipes of the network alone may be given, and what is built from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from recommendations.engine.base import EventWeights, Recommender
from recommendations.engine.hyperparameters import Hyperparameter
from recommendations.engine.models.hrnn import Hrnn
from recommendations.engine.models.hrnn_coldstart import RELATIVE_FROM, HrnnColdstart
from recommendations.engine.models.hrnn_metadata import HrnnMetadata

Values = Mapping[str, float]

_SHARED = (
    Hyperparameter("bptt", "integer", 32, 2, 32, "the events that a prediction looks back on in training"),
    Hyperparameter("recency_mask", "flag", 1, 0, 1, "whether recent events count more"),
    Hyperparameter("min_user_history_length_percentile", "number", 0.0, 0, 0.5, "shorter histories are left out"),
    Hyperparameter("max_user_history_length_percentile", "number", 0.99, 0.5, 1, "longer histories are left out"),
    Hyperparameter("passes", "number", 10, 0, 100, "how often each event is learned from, at most"),
    Hyperparameter("learning_rate", "number", 0.003, 1e-5, 0.1, "the greatest learning rate"),
    Hyperparameter("session_gap_s", "integer", 1_800, 1, 31_536_000, "idle seconds that end a session"),
    Hyperparameter("validation_users", "integer", 1_000, 0, 100_000, "the most users that choose a pass"),
)
_WIDTH = "the width of the network's states"
HRNN = (Hyperparameter("hidden_dimension", "integer", 128, 32, 256, _WIDTH), *_SHARED)
HRNN_COLDSTART = (
    Hyperparameter("hidden_dimension", "integer", 149, 32, 256, _WIDTH),
    *_SHARED,
    Hyperparameter("cold_start_max_interactions", "integer", 15, 0, 1_000_000, "the most events of a cold item"),
    Hyperparameter("cold_start_max_duration", "number", 5.0, 0, 36_500, "the greatest age of a cold item in days"),
    Hyperparameter(
        "cold_start_relative_from",
        "choice",
        RELATIVE_FROM.index("currentTime"),
        0,
        len(RELATIVE_FROM) - 1,
        "what a cold item's age is counted back from",
        RELATIVE_FROM,
    ),
    Hyperparameter("id_dropout", "number", 0.25, 0, 0.9, "the share of items that attributes alone must tell"),
)


class _Shared(TypedDict):
    hidden_dimension: int
    bptt: int
    recency_mask: bool
    min_user_history_length_percentile: float
    max_user_history_length_percentile: float
    passes: float
    learning_rate: float
    session_gap_s: int
    validation_users: int
    event_weights: EventWeights
    seed: int


def build_hrnn(values: Values, event_weights: EventWeights, seed: int) -> Recommender:
    """Return an untrained network over ids alone."""
    return Hrnn(**_shared(values, event_weights, seed))


def build_hrnn_metadata(values: Values, event_weights: EventWeights, seed: int) -> Recommender:
    """Return an untrained network over ids and attributes."""
    return HrnnMetadata(**_shared(values, event_weights, seed))


def build_hrnn_coldstart(values: Values, event_weights: EventWeights, seed: int) -> Recommender:
    """Return an untrained network over ids and attributes that learns to do without ids."""
    return HrnnColdstart(
        **_shared(values, event_weights, seed),
        id_dropout=values["id_dropout"],
        cold_start_max_interactions=int(values["cold_start_max_interactions"]),
        cold_start_max_duration=values["cold_start_max_duration"],
        cold_start_relative_from=RELATIVE_FROM[int(values["cold_start_relative_from"])],
    )


def _shared(values: Values, event_weights: EventWeights, seed: int) -> _Shared:
    return _Shared(
        hidden_dimension=int(values["hidden_dimension"]),
        bptt=int(values["bptt"]),
        recency_mask=bool(values["recency_mask"]),
        min_user_history_length_percentile=values["min_user_history_length_percentile"],
        max_user_history_length_percentile=values["max_user_history_length_percentile"],
        passes=values["passes"],
        learning_rate=values["learning_rate"],
        session_gap_s=int(values["session_gap_s"]),
        validation_users=int(values["validation_users"]),
        event_weights=event_weights,
        seed=seed,
    )
