"""What a training leaves to the next one: whose newest events it never learned, so that these may be asked again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.evaluation.splits import Case
from recommendations.engine.interactions import Interactions

NO_MOMENT = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True, eq=False)
class Lineage:
    """What one training has not learned from.

    Attributes:
        asked: digests of the users whose newest tenth was withheld, ascending, uint64.
        until: the time of the newest event of all, in epoch seconds, int64, shape (1,).
    """

    asked: NDArray[np.uint64]
    until: NDArray[np.int64]

    @classmethod
    def of(cls, interactions: Interactions, cases: Sequence[Case] = ()) -> Self:
        """What a training on `interactions` leaves that withheld the newest tenth of each case's user."""
        asked = np.sort(digest_users([case.user_id for case in cases]))
        return cls(asked, np.array([interactions.timestamps.max(initial=NO_MOMENT)], np.int64))

    def find_unlearned(self, interactions: Interactions) -> NDArray[np.bool_]:
        """Return which users' newest tenth this training cannot have learned, shape (n_users,).

        Those are users whose newest tenth it withheld, since a longer history has its newest tenth later, and a
        shorter one, its oldest events gone, has fewer events in it; and users who did all of it after that training.
        """
        counts = np.diff(interactions.starts)
        is_unlearned: NDArray[np.bool_] = np.isin(digest_users(interactions.user_ids), self.asked)
        able = np.flatnonzero(counts)
        first = interactions.starts[able + 1] - -(-counts[able] // 10)
        is_unlearned[able] |= interactions.timestamps[first] > self.until[0]
        return is_unlearned


def digest_users(user_ids: Sequence[str]) -> NDArray[np.uint64]:
    """A number of each user's id, the same in every process; shape (n_users,)."""
    digests = [
        hashlib.blake2b(user_id.encode("utf-8", "surrogatepass"), digest_size=8).digest() for user_id in user_ids
    ]
    return np.frombuffer(b"".join(digests), "<u8")
