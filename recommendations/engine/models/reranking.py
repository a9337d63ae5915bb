"""Personalised ranking: a shopper's own order of items that somebody else chose."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recommendations.engine.base import Recommender
from recommendations.engine.interactions import Event

# Amazon Personalize developer guide, "Quotas": the most items of one personalised ranking.
MOST_ITEMS = 500


def rank_items(model: Recommender, history: Sequence[Event], item_ids: Sequence[str]) -> list[tuple[str, float]]:
    """Order a list of items for a shopper: by the model's score, what it cannot score last, as it came.

    Args:
        model: a fitted model; the scores are those of its recommendations.
        history: the shopper's events, oldest first.
        item_ids: at most 500 items; one named twice counts once, and none is dropped.

    Returns:
        Every item and its score, best first; equal scores keep the order of the list, items that the model does not
        know stand last with the score 0.

    Raises:
        NotFitted: the model was not trained.
        ValueError: there are more than 500 items.

    Source:
        Amazon Personalize developer guide, "Personalized-Ranking recipe".
    """
    distinct = list(dict.fromkeys(item_ids))
    if len(distinct) > MOST_ITEMS:
        raise ValueError(f"item_ids holds {len(distinct):,} items; at most {MOST_ITEMS} can be ranked at once.")
    scores = model.score(history)
    found = {model.item_ids_[item]: float(scores[item]) for item in model.indices_of(distinct).tolist()}
    place = np.array([found.get(item_id, -1.0) for item_id in distinct])
    order = np.argsort(-place, kind="stable")
    return [(distinct[number], max(0.0, float(place[number]))) for number in order.tolist()]
