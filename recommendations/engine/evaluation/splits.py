"""Splits of interactions into what a model may learn from and what it must foretell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.answers.encoding import Traits
from recommendations.engine.exceptions import NotEnoughData
from recommendations.engine.interactions import Event, Interactions
from recommendations.engine.models.vsknn import number_sessions

DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Case:
    """One question to a model: from this history, foretell these items; with what is known of the user besides."""

    user_id: str
    history: Sequence[Event]
    truth: frozenset[str]
    traits: Traits | None = None

    def without_repeats(self) -> Self:
        """Return the question with the items of the history taken out of the answers."""
        return replace(self, truth=self.truth - {event.item_id for event in self.history})


@dataclass(frozen=True, slots=True)
class Split:
    """What to train on and what to ask.

    Attributes:
        name: how reports call it.
        train: the interactions to train on; they hold nothing of any case's truth.
        cases: the questions, one a user.
        item_ids: all items known when the split was made; the denominator of coverage.
        new_item_ids: items that were held out of the training altogether, where the split asks for those alone.
    """

    name: str
    train: Interactions
    cases: tuple[Case, ...]
    item_ids: tuple[str, ...]
    new_item_ids: tuple[str, ...] = ()


def hold_out_users(
    interactions: Interactions, test_share: float = 0.1, seed: int = 0, max_users: int | None = None
) -> Split:
    """Hold out users whole; foretell the newest 10% of each one's events from the oldest 90%.

    The truth of a user with n events is the newest n / 10 of them, rounded up. Users with one event ask nothing.

    Args:
        interactions: all events.
        test_share: share of the users to hold out, above 0 and below 1.
        seed: which users.
        max_users: the most users to hold out.

    Raises:
        NotEnoughData: fewer than two users have two events.

    Source:
        Amazon Personalize developer guide, "Evaluating a solution version with metrics".
    """
    counts = np.diff(interactions.starts)
    able = np.flatnonzero(counts >= 2)
    if len(able) < 2:
        raise NotEnoughData(
            f"Only {len(able)} users have 2 or more interactions; 2 such users are needed to hold one out."
        )
    n_test = min(max(1, round(test_share * len(able))), len(able) - 1, max_users or len(able))
    chosen = np.sort(np.random.default_rng(seed).choice(able, n_test, replace=False))
    cases = []
    for user in chosen.tolist():
        start, stop = int(interactions.starts[user]), int(interactions.starts[user + 1])
        cut = stop - -(-(stop - start) // 10)
        cases.append(_case(interactions, user, start, cut, stop))
    keep = ~np.isin(interactions.users, chosen)
    return Split("held-out users", interactions.take(keep), tuple(cases), interactions.item_ids)


def next_basket(
    interactions: Interactions,
    test_days: float | None = None,
    session_gap_s: int = 1_800,
    max_users: int | None = None,
    seed: int = 0,
) -> Split:
    """Train on everything before a moment; foretell each user's first basket at or after it from all before it.

    A basket is a run of one user's events less than `session_gap_s` apart. Users first seen in the test time have an
    empty history and count.

    Args:
        interactions: all events.
        test_days: length of the test time, up to the newest event; a tenth of the whole time by default.
        session_gap_s: seconds without an event that end a basket.
        max_users: the most users to ask about, chosen by `seed`.
        seed: which users.

    Raises:
        NotEnoughData: nothing lies before or after the moment.
    """
    cut_at = _cut_time(interactions, test_days)
    baskets = number_sessions(interactions, session_gap_s)
    cases = []
    for user, first, stop in _later_users(interactions, cut_at, max_users, seed):
        end = first + int(np.searchsorted(baskets[first:stop] != baskets[first], True))  # noqa: FBT003
        cases.append(_case(interactions, user, int(interactions.starts[user]), first, end))
    return Split(
        "next basket", interactions.take(interactions.timestamps < cut_at), tuple(cases), interactions.item_ids
    )


def by_time(
    interactions: Interactions, test_days: float | None = None, max_users: int | None = None, seed: int = 0
) -> Split:
    """Train on everything before a moment; foretell all that each user does from then on. See `next_basket`."""
    cut_at = _cut_time(interactions, test_days)
    cases = [
        _case(interactions, user, int(interactions.starts[user]), first, stop)
        for user, first, stop in _later_users(interactions, cut_at, max_users, seed)
    ]
    return Split("by time", interactions.take(interactions.timestamps < cut_at), tuple(cases), interactions.item_ids)


def _case(interactions: Interactions, user: int, start: int, cut: int, stop: int) -> Case:
    truth = frozenset(interactions.item_ids[item] for item in interactions.items[cut:stop].tolist())
    user_id = interactions.user_ids[user]
    return Case(user_id, tuple(interactions.events(start, cut)), truth, Traits.of(interactions.user_metadata, user_id))


def _cut_time(interactions: Interactions, test_days: float | None) -> int:
    if not len(interactions):
        raise NotEnoughData("There are no interactions to split.")
    oldest, newest = int(interactions.timestamps.min()), int(interactions.timestamps.max())
    length_s = (newest - oldest) / 10 if test_days is None else test_days * DAY_S
    cut_at = newest - int(length_s)
    if not oldest < cut_at <= newest:
        raise NotEnoughData(
            f"All interactions lie within {(newest - oldest) / DAY_S:.1f} days; none are left to train on."
        )
    return cut_at


def _later_users(
    interactions: Interactions, cut_at: int, max_users: int | None, seed: int
) -> list[tuple[int, int, int]]:
    """Return (user, first row at or after the cut, end of rows) of every user with such a row."""
    is_later = interactions.timestamps >= cut_at
    n_later: NDArray[np.int64] = np.bincount(interactions.users, is_later, interactions.n_users).astype(np.int64)
    users = np.flatnonzero(n_later)
    if max_users is not None and len(users) > max_users:
        users = np.sort(np.random.default_rng(seed).choice(users, max_users, replace=False))
    stops = interactions.starts[users + 1]
    return list(zip(users.tolist(), (stops - n_later[users]).tolist(), stops.tolist(), strict=True))
