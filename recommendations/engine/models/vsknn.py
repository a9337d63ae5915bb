"""V-SKNN: what was in the recent sessions that look like this history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.answers.encoding import Encoded
from recommendations.engine.answers.scoring import Somewhere
from recommendations.engine.answers.taking_out import decay_without
from recommendations.engine.arrays.ragged import gather
from recommendations.engine.arrays.sums import sum_by_key
from recommendations.engine.base import EventWeights, Recommender, require_range
from recommendations.engine.interactions import Interactions
from recommendations.engine.live.index import LiveSessions
from recommendations.engine.training import TrainingRun

# No items, of no rows.
_NONE = (np.empty(0, np.int32), np.empty(0, np.intp))


class _LiveNeighbours(NamedTuple):
    """Visits since the training, ascending, how alike each is, and where their items are found."""

    sessions: NDArray[np.intp]
    similarities: NDArray[np.float64]
    visits: LiveSessions


class _Voters(NamedTuple):
    """The sessions that vote, as pairs of one of their items and which session it is of, and how alike each is."""

    items: NDArray[np.int32]
    rows: NDArray[np.intp]
    similarities: NDArray[np.float64]

    def hold(self, items: NDArray[np.intp], n_items: int) -> NDArray[np.float32]:
        """Return whether each session holds each of some items, 0 or 1, shape (n_sessions, n)."""
        columns = np.full(n_items, -1, np.int32)
        columns[items] = np.arange(len(items))
        column = columns[self.items]
        is_asked = column >= 0
        held = np.zeros((len(self.similarities), len(items)), np.float32)
        held[self.rows[is_asked], column[is_asked]] = 1.0
        return held


class SessionNeighbours(Recommender):
    """Vector multiplication session k-nearest-neighbours, over an inverted index of recent sessions.

    A user's events less than `session_gap_s` apart are one session (a visit, or a basket). For a history, the newest
    `history_size` different items are weighted history_decay ** age; the `sample` newest sessions that share an item
    are compared by sum of weight * idf over shared items, over the square root of the session's length; the `k` most
    alike vote for their items with similarity ** sharpness, times the item's idf. Visits that other shoppers made since
    the training are sessions like the others, the newest of all.

    Args:
        k: the sessions that vote.
        sample: the newest sessions that are compared.
        sessions_per_item: the newest sessions of an item that are considered, which bounds the work of a request.
        session_gap_s: seconds without an event that end a session.
        history_size: the newest different items of a history that are compared.
        history_decay: what an item's weight is multiplied with for each newer item.
        max_session_items: the rarest items kept of a longer session, which bounds the work of a request.
        sharpness: above 1 the most alike sessions count for more than in proportion.
        event_weights: 0 leaves a type out; other weights make no difference here.
        seed: not used: there is no chance in it.

    Source:
        Ludewig and Jannach, "Evaluation of session-based recommendation algorithms" (2018), section 3.2, V-SKNN.
    """

    name: ClassVar[str] = "vsknn"
    learned: ClassVar[tuple[str, ...]] = ("session_starts_", "session_items_", "item_starts_", "item_sessions_", "idf_")

    decays: ClassVar[tuple[float, ...]] = (0.6, 0.75, 0.9)
    # The one next event is best foretold by the few visits most alike, a whole list of events by many.
    sharpnesses: ClassVar[tuple[float, ...]] = (1.0, 1.5)

    session_starts_: NDArray[np.int64]
    session_items_: NDArray[np.int32]
    item_starts_: NDArray[np.int64]
    item_sessions_: NDArray[np.int32]
    idf_: NDArray[np.float32]

    def __init__(
        self,
        k: int = 500,
        sample: int = 5_000,
        sessions_per_item: int = 1_000,
        session_gap_s: int = 1_800,
        history_size: int = 30,
        history_decay: float = 0.75,
        max_session_items: int = 100,
        sharpness: float = 1.5,
        event_weights: EventWeights | None = None,
        seed: int = 0,
    ) -> None:
        self.k = k
        self.sample = sample
        self.sessions_per_item = sessions_per_item
        self.session_gap_s = session_gap_s
        self.history_size = history_size
        self.history_decay = history_decay
        self.max_session_items = max_session_items
        self.sharpness = sharpness
        self.event_weights = event_weights
        self.seed = seed

    def score_items(self, items: NDArray[np.intp]) -> NDArray[np.float32]:
        """Return the votes of the most alike sessions for every item, shape (n_items,)."""
        return self.score_history(Encoded.of_order(items))

    def score_history(self, encoded: Encoded) -> NDArray[np.float32]:
        """Return the votes of the most alike sessions, live ones of other shoppers among them, shape (n_items,)."""
        return self.scoring(encoded).all()

    def scoring(self, encoded: Encoded) -> Somewhere:
        """Return the votes of the most alike sessions, live ones of other shoppers among them."""
        voters = self._choose_voters(encoded)
        strengths = (voters.similarities**self.sharpness)[voters.rows]
        found, votes = sum_by_key(voters.items, strengths, len(self.item_ids_))
        return Somewhere(found, votes.astype(np.float32) * self.idf_[found], len(self.item_ids_))

    def score_without(
        self, encoded: Encoded, taken_out: NDArray[np.intp], items: NDArray[np.intp]
    ) -> NDArray[np.float32]:
        """Return the votes for some items, and what they come to when the same sessions vote without some others."""
        voters = self._choose_voters(encoded)
        oldest_first = _newest_distinct(encoded.items, self.history_size)[::-1]
        weights = decay_without(oldest_first, taken_out, self.history_decay, self.history_size)
        weights *= self.idf_[oldest_first]
        alike = voters.hold(oldest_first, len(self.item_ids_)) @ weights.T
        similarities = voters.similarities[:, None] * alike / np.maximum(alike[:, :1], np.float32(1e-30))
        votes = (similarities**self.sharpness).T @ voters.hold(items, len(self.item_ids_))
        return np.asarray(votes * self.idf_[items], np.float32)

    def _choose_voters(self, encoded: Encoded) -> _Voters:
        newest_first = _newest_distinct(encoded.items, self.history_size)
        if not len(newest_first):
            return _Voters(*_NONE, np.empty(0))
        weights = self.history_decay ** np.arange(float(len(newest_first))) * self.idf_[newest_first]
        live = self._live_neighbours(encoded, newest_first, weights)
        n_live = 0 if live is None else len(live.sessions)
        sessions, similarities = self._neighbours(newest_first, weights, self.sample - n_live)
        if live is None:
            chosen = self._most_alike(similarities)
            return _Voters(*self._items_of(sessions[chosen]), similarities[chosen])
        both = np.concatenate((similarities, live.similarities))
        chosen = self._most_alike(both)
        n_trained = int(np.searchsorted(chosen, len(sessions)))
        items, rows = self._items_of(sessions[chosen[:n_trained]])
        later, later_rows = live.visits.items(live.sessions[chosen[n_trained:] - len(sessions)])
        return _Voters(np.concatenate((items, later)), np.concatenate((rows, n_trained + later_rows)), both[chosen])

    def _most_alike(self, similarities: NDArray[np.float64]) -> NDArray[np.intp]:
        """Return the places of the k greatest, ascending."""
        if len(similarities) <= self.k:
            return np.arange(len(similarities))
        return np.sort(np.argpartition(similarities, len(similarities) - self.k)[-self.k :])

    def _items_of(self, sessions: NDArray[np.intp]) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
        """Return the items of some sessions, and the place of the session that each is of."""
        positions, lengths = gather(self.session_starts_, sessions)
        return self.session_items_.take(positions), np.arange(len(sessions)).repeat(lengths)

    def _neighbours(
        self, newest_first: NDArray[np.intp], weights: NDArray[np.float64], sample: int
    ) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Return the newest sessions that share an item with a history, and how alike they are."""
        spans = [
            slice(start, stop)
            for start, stop in zip(
                self.item_starts_[newest_first].tolist(), self.item_starts_[newest_first + 1].tolist(), strict=True
            )
        ]
        shared = np.concatenate([self.item_sessions_[span] for span in spans])
        if not len(shared) or sample < 1:
            return np.empty(0, np.intp), np.empty(0)
        # Sessions are numbered by recency, so that the newest candidates are the last.
        first = int(shared.min())
        by_pair = np.repeat(weights, [span.stop - span.start for span in spans])
        candidates, alike = sum_by_key(shared - first, by_pair, int(shared.max()) - first + 1)
        sessions = candidates[-sample:] + first
        lengths = self.session_starts_[sessions + 1] - self.session_starts_[sessions]
        return sessions, alike[-sample:] / np.sqrt(lengths)

    def _live_neighbours(
        self, encoded: Encoded, newest_first: NDArray[np.intp], weights: NDArray[np.float64]
    ) -> _LiveNeighbours | None:
        """Return the same of the visits since the training, which are newer than all trained ones; None without."""
        if encoded.live is None or not len(encoded.live):
            return None
        sessions, alike, lengths, visits = encoded.live.sharing(newest_first, weights, newest=self.sessions_per_item)
        newest = slice(-self.sample, None)
        return _LiveNeighbours(sessions[newest], (alike / np.sqrt(lengths))[newest], visits)

    @classmethod
    def choices(cls) -> Mapping[str, tuple[float, ...]]:
        """Return how fast the history may be forgotten, and how much more the most alike sessions may count."""
        return {**super().choices(), "sharpness": cls.sharpnesses}

    def check(self) -> None:
        """Raise InvalidHyperparameter for one that is out of range."""
        require_range("k", self.k, 1, 10_000)
        require_range("sample", self.sample, self.k, 100_000)
        require_range("sessions_per_item", self.sessions_per_item, 1, 100_000)
        require_range("session_gap_s", self.session_gap_s, 1, 31_536_000)
        require_range("history_size", self.history_size, 1, 200)
        require_range("history_decay", self.history_decay, 0.01, 1)
        require_range("max_session_items", self.max_session_items, 2, 10_000)
        require_range("sharpness", self.sharpness, 0.1, 10)

    def _learn(self, interactions: Interactions, weights: NDArray[np.float32], run: TrainingRun) -> None:  # noqa: ARG002
        run.report(0.1, "vsknn: finding sessions")
        n_items = interactions.n_items
        sessions = number_sessions(interactions, self.session_gap_s)
        n_sessions = int(sessions.max()) + 1
        pairs = np.unique(sessions * n_items + interactions.items)
        sessions, items = np.divmod(pairs, n_items)
        n_of_item = np.bincount(items, minlength=n_items)
        self.idf_ = np.log1p(n_sessions / np.maximum(n_of_item, 1)).astype(np.float32)
        run.report(0.5, "vsknn: indexing sessions")
        sessions, items = _shorten(sessions, items, self.idf_, self.max_session_items)
        self.session_items_ = items.astype(np.int32)
        self.session_starts_ = _starts(sessions, n_sessions)
        run.report(0.7, "vsknn: indexing items")
        by_item = np.argsort(items, kind="stable")
        lengths = np.bincount(items, minlength=n_items)
        from_newest = np.repeat(np.cumsum(lengths), lengths) - 1 - np.arange(len(items))
        kept = by_item[from_newest < self.sessions_per_item]
        self.item_sessions_ = sessions[kept].astype(np.int32)
        self.item_starts_ = _starts(items[kept], n_items)


def number_sessions(interactions: Interactions, gap_s: int) -> NDArray[np.int64]:
    """Return each row's session, numbered by the time of the session's last event, oldest first; shape (n_rows,)."""
    opens = np.ones(len(interactions), np.bool_)
    opens[1:] = (np.diff(interactions.users) != 0) | (np.diff(interactions.timestamps) > gap_s)
    session = np.cumsum(opens) - 1
    ends_at = interactions.timestamps[np.append(np.flatnonzero(opens)[1:] - 1, len(opens) - 1)]
    recency = np.empty(len(ends_at), np.int64)
    recency[np.argsort(ends_at, kind="stable")] = np.arange(len(ends_at))
    numbered: NDArray[np.int64] = recency[session]
    return numbered


def _shorten(
    sessions: NDArray[np.int64], items: NDArray[np.int64], idf: NDArray[np.float32], limit: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Keep the `limit` rarest items of each session: they tell most about it."""
    if np.bincount(sessions).max() <= limit:
        return sessions, items
    order = np.lexsort((items, -idf[items], sessions))
    starts = _starts(sessions, int(sessions[-1]) + 1)
    rank = np.arange(len(sessions)) - starts[sessions]
    kept = np.sort(order[rank < limit])
    return sessions[kept], items[kept]


def _starts(rows: NDArray[np.int64], n_rows: int) -> NDArray[np.int64]:
    return np.concatenate(([0], np.cumsum(np.bincount(rows, minlength=n_rows)))).astype(np.int64)


def _newest_distinct(items: NDArray[np.intp], limit: int) -> NDArray[np.intp]:
    """Return the newest `limit` different items, newest first."""
    return np.array(list(dict.fromkeys(items[::-1].tolist()))[:limit], np.intp)
