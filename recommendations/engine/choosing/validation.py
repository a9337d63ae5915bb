"""The questions that a blend chooses its weights on: what shoppers did next whom its parts have not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.answers.encoding import Traits
from recommendations.engine.evaluation.splits import Case, hold_out_users
from recommendations.engine.exceptions import NotEnoughData
from recommendations.engine.interactions import Interactions

Kind = Literal["next_event", "newest_tenth"]
KINDS: tuple[Kind, ...] = ("next_event", "newest_tenth")
VALIDATION_SHARE = 0.2
# Long histories ask about their newest tenth, short ones about more, since every event of a visit is asked live.
FEWEST_RECENT, MOST_RECENT = 3, 20
QUESTIONS_A_USER = 3
# No model looks further back.
MOST_HISTORY = 200
# 1990 in epoch seconds: a log whose newest event is older numbers its events and has no recent users.
FIRST_MOMENT = 631_152_000


@dataclass(frozen=True, slots=True, eq=False)
class Questions:
    """What a blend is asked, and what its parts may learn from beforehand.

    Attributes:
        cases: the questions.
        is_train: rows of the users who are asked nothing, shape (n_rows,).
        is_asked: rows that answer a question or come after one, shape (n_rows,).
    """

    cases: tuple[Case, ...]
    is_train: NDArray[np.bool_]
    is_asked: NDArray[np.bool_]


def draw_questions(
    interactions: Interactions,
    kind: Kind,
    *,
    repeats: bool,
    max_users: int,
    seed: int,
    among: NDArray[np.bool_] | None = None,
) -> Questions:
    """Hold users out whole, and ask what came next in their newest events.

    Args:
        interactions: all events to train on.
        kind: `next_event` asks up to three times for one user's next event; `newest_tenth` once for all of a user's
            newest tenth, as Amazon Personalize evaluates.
        repeats: whether items of the history are questions too.
        max_users: the most users to hold out; at most a fifth of all.
        seed: which users, and which of their events.
        among: which users may be asked for their newest tenth, shape (n_users,); all by default.

    Raises:
        NotEnoughData: fewer than two users have two events.
    """
    if kind == "newest_tenth":
        cases = _ask_newest_tenths(interactions, max_users, seed, among)
        users = interactions.indices_of_users(case.user_id for case in cases).astype(np.intp)
        cut = interactions.starts[users + 1] - -(-np.diff(interactions.starts)[users] // 10)
    else:
        chance = np.random.default_rng(seed)
        users = _choose_users(interactions, max_users, chance)
        asked = [_recent(interactions, user, chance) for user in users.tolist()]
        cases = tuple(_ask(interactions, user, row) for user, rows in zip(users, asked, strict=True) for row in rows)
        cut = np.array([rows[0] for rows in asked])
    if not repeats:
        without = (case.without_repeats() for case in cases)
        cases = tuple(case for case in without if case.truth)
    is_held_out = np.isin(interactions.users, users)
    first = np.full(interactions.n_users, len(interactions))
    first[users] = cut
    is_asked: NDArray[np.bool_] = np.arange(len(interactions)) >= first[interactions.users]
    return Questions(cases, ~is_held_out, is_asked)


def _ask_newest_tenths(
    interactions: Interactions, max_users: int, seed: int, among: NDArray[np.bool_] | None
) -> tuple[Case, ...]:
    if among is None:
        return hold_out_users(interactions, VALIDATION_SHARE, seed, max_users).cases
    able = np.diff(interactions.starts) >= 2
    # As many as of all users, but of these.
    share = VALIDATION_SHARE * int(able.sum()) / max(1, int((able & among).sum()))
    return hold_out_users(interactions.mask(among[interactions.users]), min(1.0, share), seed, max_users).cases


def _choose_users(interactions: Interactions, max_users: int, chance: np.random.Generator) -> NDArray[np.intp]:
    """Return users to hold out, ascending: of those seen last, where the log knows when that was."""
    able = np.flatnonzero(np.diff(interactions.starts) >= 2)
    if len(able) < 2:
        raise NotEnoughData(
            f"Only {len(able)} users have 2 or more interactions; 2 such users are needed to hold one out."
        )
    n_asked = min(max(1, round(VALIDATION_SHARE * len(able))), len(able) - 1, max_users)
    last_seen = interactions.timestamps[interactions.starts[able + 1] - 1]
    if int(last_seen.max()) >= FIRST_MOMENT:
        able = able[last_seen >= np.median(last_seen)]
    chosen: NDArray[np.intp] = np.sort(chance.choice(able, min(n_asked, len(able)), replace=False))
    return chosen


def _recent(interactions: Interactions, user: int, chance: np.random.Generator) -> list[int]:
    """Return rows of a user's newest events to ask for, ascending; never the first row."""
    start, stop = int(interactions.starts[user]), int(interactions.starts[user + 1])
    n_recent = min(max(-(-(stop - start) // 10), FEWEST_RECENT), MOST_RECENT, stop - start - 1)
    rows = chance.choice(n_recent, min(QUESTIONS_A_USER, n_recent), replace=False)
    return sorted((stop - 1 - rows).tolist())


def _ask(interactions: Interactions, user: int, row: int) -> Case:
    start = max(int(interactions.starts[user]), row - MOST_HISTORY)
    truth = frozenset({interactions.item_ids[int(interactions.items[row])]})
    user_id = interactions.user_ids[user]
    return Case(user_id, tuple(interactions.events(start, row)), truth, Traits.of(interactions.user_metadata, user_id))
