"""What the recipes of several models as one may be given, and what is built from it."""

from __future__ import annotations

from collections.abc import Mapping

from recommendations.engine.base import EventWeights, Recommender
from recommendations.engine.hyperparameters import Hyperparameter
from recommendations.engine.models.blend import Blend
from recommendations.engine.models.content import Content
from recommendations.engine.models.ease import MOST_ITEMS, Ease
from recommendations.engine.models.hrnn import Hrnn
from recommendations.engine.models.item_knn import ItemNeighbours
from recommendations.engine.models.popularity import Popularity
from recommendations.engine.models.repeats import Repeats
from recommendations.engine.models.rules import SequentialRules
from recommendations.engine.models.transformer import Transformer
from recommendations.engine.models.vsknn import SessionNeighbours

Values = Mapping[str, float]

HALF_LIFE = Hyperparameter(
    "half_life_days", "number", 14.0, 0.01, 36_500, "days after which an event counts half in popularity"
)
WINDOW = Hyperparameter("window", "integer", 10, 1, 100, "the greatest distance of a rule, in events")
DISCOUNT = Hyperparameter("popularity_discount", "number", 0.5, 0, 1, "how strongly rules hold popular items back")
BLEND = (
    WINDOW,
    DISCOUNT,
    Hyperparameter("history_decay", "number", 0.7, 0.01, 1, "a rule's weight for each newer event"),
    Hyperparameter("regularisation", "number", 250, 0.001, 1_000_000, "how strongly EASE's weights are held down"),
    Hyperparameter("ease_items", "integer", 4_500, 1, MOST_ITEMS, "a larger catalogue gets item-kNN instead of EASE"),
    Hyperparameter("neighbours", "integer", 500, 1, 10_000, "the sessions that vote"),
    Hyperparameter("sample", "integer", 5_000, 1, 100_000, "the newest sessions that are compared"),
    Hyperparameter("session_gap_s", "integer", 1_800, 1, 31_536_000, "idle seconds that end a session"),
    Hyperparameter("history_size", "integer", 30, 1, 200, "the newest items compared with sessions"),
    Hyperparameter("validation_users", "integer", 1_000, 1, 100_000, "the most users that choose weights"),
    HALF_LIFE,
)


def build_user_personalization(values: Values, event_weights: EventWeights, seed: int) -> Recommender:
    """The sparse parts beside HRNN."""
    hrnn = Hrnn(session_gap_s=int(values["session_gap_s"]), seed=seed)
    return _blend(values, event_weights, seed, {"hrnn": hrnn})


def build_user_personalization_v2(values: Values, event_weights: EventWeights, seed: int) -> Recommender:
    """The sparse parts beside a transformer."""
    return _blend(values, event_weights, seed, {"transformer": Transformer(seed=seed)})


def _blend(values: Values, event_weights: EventWeights, seed: int, body: Mapping[str, Recommender]) -> Blend:
    return Blend(
        parts={
            "rules": SequentialRules(
                window=int(values["window"]),
                popularity_discount=values["popularity_discount"],
                history_decay=values["history_decay"],
            ),
            "ease": Ease(regularisation=values["regularisation"], max_items=int(values["ease_items"])),
            "item_knn": ItemNeighbours(),
            "vsknn": SessionNeighbours(
                k=int(values["neighbours"]),
                sample=max(int(values["neighbours"]), int(values["sample"])),
                session_gap_s=int(values["session_gap_s"]),
                history_size=int(values["history_size"]),
            ),
            "popularity": Popularity(half_life_days=values["half_life_days"]),
            "repeats": Repeats(),
            "content": Content(seed=seed),
            **body,
        },
        default_weights={"rules": 1.0, "ease": 1.0, "item_knn": 1.0, **dict.fromkeys(body, 1.0), "popularity": 0.1},
        substitutes={"item_knn": "ease"},
        validation_users=int(values["validation_users"]),
        event_weights=event_weights,
        seed=seed,
    )
