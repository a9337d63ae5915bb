"""A cut of the training data to choose the best pass by: the newest event of some users, foretold from those before."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.interactions import Interactions
from recommendations.engine.neural.batches import Sequences
from recommendations.engine.neural.cells import Array
from recommendations.engine.neural.hierarchy import run_forward
from recommendations.engine.neural.network import Network

# Fewer questions than this tell chance from quality too badly to choose anything by.
FEWEST_CASES = 30
LARGEST_SHARE = 0.2
LONGEST_HISTORY = 100
N_SIDE_BY_SIDE = 128
CUT_OFF = 10


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """Questions with one right answer each.

    Attributes:
        sequences: the events of all users, the withheld ones too.
        withheld: the row of each answer, shape (n_cases,); the rows of its user before it are the question.
    """

    sequences: Sequences
    withheld: NDArray[np.int64]

    @classmethod
    def of(cls, sequences: Sequences, withheld: NDArray[np.int64]) -> Self:
        """Questions in the order of their length, so that like lengths are answered side by side."""
        users = np.searchsorted(sequences.starts, withheld, side="right") - 1
        return cls(sequences, withheld[np.argsort(withheld - sequences.starts[users], kind="stable")])

    def measure(self, network: Network) -> float:
        """NDCG@10, each answer counting as its event's weight says.

        Items of a history are ranked only where the answer is one of them: where shoppers come back to what they had,
        that counts, and where nobody does, a network need not learn to leave them out.
        """
        served = network.folded()
        gains = [
            self._gains(network, served, self.withheld[start : start + N_SIDE_BY_SIDE])
            for start in range(0, len(self.withheld), N_SIDE_BY_SIDE)
        ]
        return float(np.average(np.concatenate(gains), weights=self.sequences.weights[self.withheld]))

    def _gains(self, network: Network, served: Network, withheld: NDArray[np.int64]) -> NDArray[np.float64]:
        sequences = self.sequences
        users = np.searchsorted(sequences.starts, withheld, side="right") - 1
        firsts = np.maximum(sequences.starts[users], withheld - LONGEST_HISTORY)
        traits = network.read_traits(users)
        persons = None if traits is None else network.begin_persons(traits)
        scores = _score(served, sequences, firsts, withheld, persons)
        return grade(scores, sequences, firsts, withheld)


def grade(
    scores: Array, sequences: Sequences, firsts: NDArray[np.int64], withheld: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The NDCG@10 of each question, shape (n_cases,); changes `scores`.

    Args:
        scores: of every item, shape (n_cases, n_items).
        sequences: the events of all users.
        firsts: the first row of each history.
        withheld: the row of each answer, the one after its history's last.
    """
    answers = sequences.items[withheld]
    for row, (first, stop, answer) in enumerate(zip(firsts.tolist(), withheld.tolist(), answers.tolist(), strict=True)):
        seen = sequences.items[first:stop]
        if not (seen == answer).any():
            scores[row, seen] = -np.inf
    own = scores[np.arange(len(answers)), answers][:, None]
    # Among equals an answer stands in the middle: a network that scores all alike must not look perfect.
    ranks = 0.5 + (scores > own).sum(axis=1) + 0.5 * (scores == own).sum(axis=1)
    return np.where(ranks <= CUT_OFF, 1.0 / np.log2(1.0 + ranks), 0.0)


def choose_withheld(interactions: Interactions, most: int, seed: int) -> NDArray[np.int64]:
    """The rows to withhold: the newest event of users with three or more, at most `most` and a fifth of them.

    Who is chosen depends on the user's id and the seed alone, so that from one night to the next the same users are,
    and a network that goes on from last night's has not learned today's answers.
    """
    able = np.flatnonzero(np.diff(interactions.starts) >= 3)
    n_chosen = min(most, int(LARGEST_SHARE * len(able)))
    if n_chosen < FEWEST_CASES:
        return np.empty(0, np.int64)
    key = seed.to_bytes(8, "little", signed=True)
    digests = [
        hashlib.blake2b(interactions.user_ids[user].encode("utf-8", "surrogatepass"), digest_size=8, key=key).digest()
        for user in able.tolist()
    ]
    chosen = sorted(range(len(able)), key=digests.__getitem__)[:n_chosen]
    return np.sort(interactions.starts[able[chosen] + 1] - 1)


def _score(
    network: Network,
    sequences: Sequences,
    firsts: NDArray[np.int64],
    stops: NDArray[np.int64],
    persons: Array | None,
) -> Array:
    lengths = stops - firsts
    steps = np.arange(int(lengths.max()))[:, None]
    rows = np.where(steps < lengths, firsts + steps, firsts)
    opens = sequences.opens[rows] & (steps > 0) & (steps < lengths)
    gaps = np.where(steps == 0, 0, sequences.gaps[rows])
    events = network.embed(sequences.items[rows], sequences.types[rows], gaps)
    last, columns = lengths - 1, np.arange(len(lengths))
    states = run_forward(network.layers, events, opens, persons).after[last, columns]
    return network.score(network.look_for(states, events[last, columns]))
