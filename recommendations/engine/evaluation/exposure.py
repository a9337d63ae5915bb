"""What lists show all in all, whoever they are for: how much of the catalogue, how unexpected, how popular."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recommendations.engine.evaluation import metrics
from recommendations.engine.interactions import Interactions

# As many as the gate of a retrain looks at.
N_POPULAR = 20


@dataclass(frozen=True, slots=True)
class Exposure:
    """What some lists show.

    Attributes:
        coverage: the share of the known items that are in at least one list, 0..1.
        novelty_bits: the mean over all slots of -log2 of the share of users that had to do with the slot's item: 0
            where everybody knows everything shown, 10 where one user in a thousand does.
        popular_share: the share of the slots that the 20 items with the most users take, 0..1.
    """

    coverage: float
    novelty_bits: float
    popular_share: float


def describe_lists(lists: Sequence[Sequence[str]], train: Interactions, n_known: int | None = None) -> Exposure:
    """Describe lists by what the model that made them was trained on.

    Args:
        lists: item ids.
        train: the interactions that the model was trained on.
        n_known: how many items there are; those of `train` by default.

    Source:
        Zhou et al., "Solving the apparent diversity-accuracy dilemma of recommender systems" (2010), self-information;
        an item that nobody had to do with counts as half a user's.
    """
    n_users = _count_users(train)
    shown = Counter(item_id for ids in lists for item_id in ids)
    n_slots = shown.total()
    if not n_slots:
        return Exposure(0.0, 0.0, 0.0)
    order = np.lexsort((np.arange(train.n_items), -n_users))
    popular = {train.item_ids[item] for item in order[:N_POPULAR].tolist()}
    known = dict(zip(train.item_ids, n_users.tolist(), strict=True))
    bits = {item_id: -np.log2(max(known.get(item_id, 0.0), 0.5) / max(1, train.n_users)) for item_id in shown}
    return Exposure(
        coverage=metrics.coverage(lists, train.n_items if n_known is None else n_known),
        novelty_bits=float(sum(bits[item_id] * times for item_id, times in shown.items()) / n_slots),
        popular_share=sum(times for item_id, times in shown.items() if item_id in popular) / n_slots,
    )


def _count_users(train: Interactions) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """How many users had to do with each item, shape (n_items,)."""
    pairs = np.unique(train.users.astype(np.int64) * max(1, train.n_items) + train.items)
    return np.bincount(pairs % max(1, train.n_items), minlength=train.n_items).astype(np.float64)
