"""Splits that ask for one next event at a time, as research measures sequential recommenders."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.answers.encoding import Traits
from recommendations.engine.evaluation.splits import DAY_S, Case, Split
from recommendations.engine.exceptions import NotEnoughData
from recommendations.engine.interactions import Interactions

# More questions narrow the figures little; which are asked never changes with the seed of a model.
MOST_CASES = 20_000
SAMPLING_SEED = 7
FEWEST_EVENTS = 3
MOST_CASES_A_USER = 20
MOST_HISTORY = 200
MOST_SESSION = 50

# A user, the position of the event to foretell among the user's, and the first position of the history.
Question = tuple[int, int, int]


def leave_one_out(interactions: Interactions) -> Split:
    """Foretell each user's last event from all before it; train without everybody's last two.

    Users with fewer than three events are trained on whole and ask nothing.

    Raises:
        NotEnoughData: no user has three events.

    Source:
        Petrov and Macdonald, "gSASRec" (RecSys 2023), section 5.1.
    """
    counts = np.diff(interactions.starts)
    from_end = np.repeat(interactions.starts[1:], counts) - np.arange(len(interactions))
    keep = (from_end > 2) | (counts < FEWEST_EVENTS)[interactions.users]
    questions = [(user, int(counts[user]) - 1, 0) for user in _in_order(interactions) if counts[user] >= FEWEST_EVENTS]
    return _split("leave one out", interactions.take(keep), interactions, questions)


def temporal(interactions: Interactions, test_days: float | None = None) -> Split:
    """Train on everything before a moment; foretell each event from then on from all that its user did before it.

    A user's first 20 such events are asked for, but none on the very item of the event before it; at most 20,000 in
    all. Histories are the newest 200 events, those after the moment too.

    Args:
        interactions: all events.
        test_days: length of the test time, up to the newest event; a tenth of the whole time by default.

    Raises:
        NotEnoughData: nothing lies before or after the moment.
    """
    if not len(interactions):
        raise NotEnoughData("There are no interactions to split.")
    oldest, newest = int(interactions.timestamps.min()), int(interactions.timestamps.max())
    days = (newest - oldest) / DAY_S / 10 if test_days is None else test_days
    is_before = interactions.timestamps < newest - days * DAY_S
    if not is_before.any():
        raise NotEnoughData(
            f"All interactions lie within the last {days:g} days; none are left to train on. Ask for fewer test days."
        )
    questions: list[Question] = []
    for user in _in_order(interactions):
        rows = slice(int(interactions.starts[user]), int(interactions.starts[user + 1]))
        items = interactions.items[rows]
        is_asked = ~is_before[rows]
        is_asked[1:] &= items[1:] != items[:-1]
        asked = np.flatnonzero(is_asked)[:MOST_CASES_A_USER].tolist()
        questions.extend((user, position, max(0, position - MOST_HISTORY)) for position in asked)
    return _split("temporal", interactions.take(is_before), interactions, questions)


def by_part(train: Interactions, test: Interactions) -> Split:
    """Train on one part; foretell every event but the first of each user of the other, from the 50 before it.

    Args:
        train: the events to train on.
        test: those of other users, or of other sessions.

    Raises:
        NotEnoughData: a part is empty, or no user of the test part has two events.
    """
    if not len(train):
        raise NotEnoughData("The part train has no rows.")
    questions = [
        (user, position, max(0, position - MOST_SESSION))
        for user in _in_order(test)
        for position in range(1, int(test.starts[user + 1] - test.starts[user]))
    ]
    return _split("by part", train, test, questions)


def _split(name: str, train: Interactions, asked: Interactions, questions: list[Question]) -> Split:
    if not questions:
        raise NotEnoughData(f"The split {name} has no event to foretell; every user has too few.")
    if not len(train):
        raise NotEnoughData(f"The split {name} leaves no interactions to train on; every user has too few.")
    if len(questions) > MOST_CASES:
        chosen = np.random.default_rng(SAMPLING_SEED).choice(len(questions), MOST_CASES, replace=False)
        questions = [questions[number] for number in np.sort(chosen).tolist()]
    return Split(name, train, tuple(_cases(asked, questions)), train.item_ids)


def _cases(interactions: Interactions, questions: Iterable[Question]) -> Iterable[Case]:
    known = -1
    for user, position, first in questions:
        if user != known:
            # Built once a user: the histories of all its cases share them.
            events = interactions.events(int(interactions.starts[user]), int(interactions.starts[user + 1]))
            traits = Traits.of(interactions.user_metadata, interactions.user_ids[user])
            known = user
        truth = frozenset({events[position].item_id})
        yield Case(interactions.user_ids[user], events[first:position], truth, traits)


def _in_order(interactions: Interactions) -> list[int]:
    """Return the users, in the order of their numbers where all ids are numbers."""
    try:
        numbers: NDArray[np.int64] = np.array([int(user_id) for user_id in interactions.user_ids], np.int64)
    except (ValueError, OverflowError):
        return list(range(interactions.n_users))
    order: list[int] = np.argsort(numbers, kind="stable").tolist()
    return order
