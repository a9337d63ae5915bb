"""A split that holds items out whole, to ask for what nobody has touched."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.answers.encoding import Traits
from recommendations.engine.evaluation.next_event import MOST_CASES, MOST_CASES_A_USER, MOST_HISTORY, SAMPLING_SEED
from recommendations.engine.evaluation.splits import Case, Split
from recommendations.engine.exceptions import InvalidInteractions, NotEnoughData
from recommendations.engine.interactions import Interactions
from recommendations.engine.models.popularity import Popularity

COLD_SHARE = 0.1


def cold_items(interactions: Interactions, share: float = COLD_SHARE, seed: int = 0) -> Split:
    """Train without any event on a share of the items; foretell each user's first event on each of them.

    Histories are the newest 200 events before it on other items: of a new item nobody knows more than its attributes,
    not even whoever asks. A user's first 20 such events are asked for, at most 20,000 in all; events that no other
    item precedes are not.

    Args:
        interactions: all events, with attributes of items, by which those held out stay in the catalogue.
        share: of the items that have events, above 0 and below 1.
        seed: which items.

    Raises:
        InvalidInteractions: no attributes of items are known.
        NotEnoughData: fewer than two items have events, or no event on a held-out item follows one on another.

    Source:
        Schein et al., "Methods and metrics for cold-start recommendations" (SIGIR 2002), section 4: whole items are
        held out.
    """
    if interactions.item_metadata is None:
        raise InvalidInteractions("The split cold_items needs attributes of items; give a file of items.")
    touched = np.flatnonzero(np.bincount(interactions.items, minlength=interactions.n_items))
    if len(touched) < 2:
        raise NotEnoughData(f"Only {len(touched)} items have events; 2 are needed to hold one out.")
    n_new = min(max(1, round(share * len(touched))), len(touched) - 1)
    new = np.sort(np.random.default_rng(seed).choice(touched, n_new, replace=False))
    is_new = np.zeros(interactions.n_items, np.bool_)
    is_new[new] = True
    of_new = is_new[interactions.items]
    questions = _find_questions(interactions, of_new)
    if not questions:
        raise NotEnoughData("No event on a held-out item follows one on another; every user has too few.")
    if len(questions) > MOST_CASES:
        chosen = np.random.default_rng(SAMPLING_SEED).choice(len(questions), MOST_CASES, replace=False)
        questions = [questions[number] for number in np.sort(chosen).tolist()]
    return Split(
        "cold items",
        interactions.take(~of_new),
        tuple(_ask(interactions, of_new, user, row) for user, row in questions),
        interactions.item_ids,
        tuple(interactions.item_ids[item] for item in new.tolist()),
    )


def popularity_among(interactions: Interactions, split: Split) -> Popularity:
    """Return popularity among a split's held-out items: by how many users came to each, those asked about included.

    No recommender could know as much beforehand; one that foretells better knows its shoppers.
    """
    new = set(split.new_item_ids)
    is_new = np.array([item_id in new for item_id in interactions.item_ids])
    return Popularity(half_life_days=None).fit(interactions.mask(is_new[interactions.items]))


def _find_questions(interactions: Interactions, of_new: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return user and row of the events to ask for."""
    rows = np.flatnonzero(of_new)
    users = interactions.users[rows]
    # How many events on other items the user has before each.
    others = np.concatenate(([0], np.cumsum(~of_new)))
    has_history = others[rows] > others[interactions.starts[users]]
    rows, users = rows[has_history], users[has_history]
    asked: dict[int, set[int]] = {}
    questions = []
    for row, user, item in zip(rows.tolist(), users.tolist(), interactions.items[rows].tolist(), strict=True):
        known = asked.setdefault(user, set())
        if item not in known and len(known) < MOST_CASES_A_USER:
            known.add(item)
            questions.append((user, row))
    return questions


def _ask(interactions: Interactions, of_new: NDArray[np.bool_], user: int, row: int) -> Case:
    start = int(interactions.starts[user])
    before = start + np.flatnonzero(~of_new[start:row])[-MOST_HISTORY:]
    history = tuple(event for place in before.tolist() for event in interactions.events(place, place + 1))
    user_id = interactions.user_ids[user]
    truth = frozenset({interactions.item_ids[int(interactions.items[row])]})
    return Case(user_id, history, truth, Traits.of(interactions.user_metadata, user_id))
