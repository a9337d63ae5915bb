"""One exam for every library: a split as plain arrays on disk, answers as arrays, and one grading of them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.base import Recommender
from recommendations.engine.evaluation import metrics
from recommendations.engine.evaluation.splits import Case, Split

LIST_SIZE = metrics.MAX_RANK
NOBODY = -1


@dataclass(frozen=True, slots=True, eq=False)
class Exam:
    """What to learn from and what is asked, in indices, so that a program in another environment can read it.

    Attributes:
        users, items: of each event to learn from, sorted by user and time, shape (n_rows,).
        n_items: items to rank, shape (1,).
        asked_users: the user of each question among those learned from, NOBODY for a new one; shape (n_cases,).
        history_items: the histories one after the other, oldest first, without items that were not learned from.
        history_starts: question q's history is history_starts[q]:history_starts[q + 1], shape (n_cases + 1,).
        filter_seen: whether items of the history may not be answered, shape (1,).
    """

    users: NDArray[np.int64]
    items: NDArray[np.int64]
    n_items: NDArray[np.int64]
    asked_users: NDArray[np.int64]
    history_items: NDArray[np.int64]
    history_starts: NDArray[np.int64]
    filter_seen: NDArray[np.bool_]

    @classmethod
    def of(cls, split: Split, cases: tuple[Case, ...], *, filter_seen: bool) -> Self:
        """The exam of a split's questions, or of some of them."""
        item_index = {item_id: number for number, item_id in enumerate(split.train.item_ids)}
        user_index = {user_id: number for number, user_id in enumerate(split.train.user_ids)}
        histories = [
            [item_index[event.item_id] for event in case.history if event.item_id in item_index] for case in cases
        ]
        lengths = [len(history) for history in histories]
        return cls(
            users=split.train.users.astype(np.int64),
            items=split.train.items.astype(np.int64),
            n_items=np.array([split.train.n_items]),
            asked_users=np.array([user_index.get(case.user_id, NOBODY) for case in cases], np.int64),
            history_items=np.array([item for history in histories for item in history], np.int64),
            history_starts=np.concatenate(([0], np.cumsum(lengths))).astype(np.int64),
            filter_seen=np.array([filter_seen]),
        )

    def write(self, path: Path) -> None:
        """Keep the exam in one file."""
        contents: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        np.savez(path, **contents)


def choose_cases(split: Split, *, new_only: bool) -> tuple[Case, ...]:
    """The questions of a split; with `new_only` those whose answer is not in their history."""
    if not new_only:
        return split.cases
    new = ((case, case.truth - {event.item_id for event in case.history}) for case in split.cases)
    return tuple(Case(case.user_id, case.history, truth) for case, truth in new if truth)


def ask(model: Recommender, split: Split, cases: tuple[Case, ...], *, filter_seen: bool) -> NDArray[np.int64]:
    """Return a fitted model's lists as indices into `split.train.item_ids`, NOBODY behind their end.

    Args:
        model: fitted on `split.train`.
        split: where the questions are from.
        cases: the questions.
        filter_seen: whether items of the history are taken out.

    Returns:
        Shape (n_cases, LIST_SIZE), best first.
    """
    item_index = {item_id: number for number, item_id in enumerate(split.train.item_ids)}
    lists = np.full((len(cases), LIST_SIZE), NOBODY, np.int64)
    for row, case in enumerate(cases):
        allowed = None
        if filter_seen:
            allowed = model.allow_all()
            allowed[model.indices_of(event.item_id for event in case.history)] = False
        (item_ids,), _ = model.recommend([case.history], LIST_SIZE, allowed)
        lists[row, : len(item_ids)] = [item_index[item_id] for item_id in item_ids]
    return lists


@dataclass(frozen=True, slots=True, eq=False)
class Grades:
    """How good lists are.

    Attributes:
        ndcg: NDCG@10 of each question, shape (n_cases,).
        recall: the share of each question's answers among the first 20, shape (n_cases,).
        coverage: the share of all items that are in at least one list of 10.
        users: who asked, length n_cases.
    """

    ndcg: NDArray[np.float64]
    recall: NDArray[np.float64]
    coverage: float
    users: tuple[str, ...]

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% interval of the mean NDCG@10."""
        low, high = metrics.bootstrap_interval(self.ndcg[:, None], self.users)
        return float(low[0]), float(high[0])

    def lead_over(self, other: Grades) -> tuple[float, float, float]:
        """How much greater the mean NDCG@10 is than another's on the same questions, and the 95% interval of that.

        Raises:
            ValueError: the questions are not the same.
        """
        if self.users != other.users:
            raise ValueError("The two were asked different questions; grade both on one exam.")
        lead = self.ndcg - other.ndcg
        low, high = metrics.bootstrap_interval(lead[:, None], self.users)
        return float(lead.mean()), float(low[0]), float(high[0])


def grade(lists: NDArray[np.int64], split: Split, cases: tuple[Case, ...]) -> Grades:
    """Grade lists of indices into `split.train.item_ids`, whoever made them; an item counts once in a list.

    Raises:
        ValueError: there is not one list for each question.
    """
    if lists.shape != (len(cases), LIST_SIZE):
        raise ValueError(f"The lists have the shape {lists.shape}; give ({len(cases)}, {LIST_SIZE}).")
    item_ids = split.train.item_ids
    hits = np.zeros(lists.shape, np.bool_)
    for row, (case, items) in enumerate(zip(cases, lists.tolist(), strict=True)):
        left = set(case.truth)
        for rank, item in enumerate(items):
            if item >= 0 and item_ids[item] in left:
                left.remove(item_ids[item])
                hits[row, rank] = True
    n_relevant = np.array([len(case.truth) for case in cases], np.int64)
    shown = np.unique(lists[:, :10])
    return Grades(
        ndcg=metrics.ndcg(hits, n_relevant, 10),
        recall=hits[:, :20].sum(axis=1) / n_relevant,
        coverage=int((shown >= 0).sum()) / len(item_ids),
        users=tuple(case.user_id for case in cases),
    )
