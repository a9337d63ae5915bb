"""The training loss: the next item against a sample of others, shared by a whole batch."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.neural.cells import Array

Indices = NDArray[np.intp]


class Loss(NamedTuple):
    """The mean loss of a batch, and its gradients.

    Attributes:
        value: in nats.
        d_wanted: gradient of what was predicted from, shape (n_rows, width).
        d_positive: gradient of each row's positive score, shape (n_rows,).
        d_sampled: gradient of each row's sampled scores, shape (n_rows, n_sampled).
    """

    value: float
    d_wanted: Array
    d_positive: Array
    d_sampled: Array


def sampled_softmax(
    wanted: Array,
    vectors: Array,
    biases: Array,
    targets: Indices,
    sampled: Indices,
    weights: Array,
) -> Loss:
    """Cross-entropy of each row's target among the target and the sampled items.

    Args:
        wanted: what each row looks for, shape (n_rows, width).
        vectors: of the items at hand, shape (n_items, width).
        biases: of the items at hand, shape (n_items,).
        targets: each row's next item, an index into `vectors`, shape (n_rows,).
        sampled: other items, indices into `vectors`, each once; shape (n_sampled,). A row's own target among them is
            left out of that row's sum.
        weights: how much each row counts, shape (n_rows,), with a sum above 0.

    Source:
        Jean et al., "On using very large target vocabulary for neural machine translation" (2015), section 3; the
        negatives are drawn evenly, so that their correction is the same for all and drops out.
    """
    scores = wanted @ vectors[sampled].T
    scores += biases[sampled]
    positive = np.einsum("ij,ij->i", wanted, vectors[targets])
    positive += biases[targets]
    _leave_out(scores, targets, sampled, len(vectors))
    greatest = np.maximum(scores.max(axis=1), positive)
    np.subtract(scores, greatest[:, None], out=scores)
    np.exp(scores, out=scores)
    own = np.exp(positive - greatest)
    total = scores.sum(axis=1)
    total += own
    share = weights / weights.sum()
    value = float(((np.log(total) + greatest - positive) * share).sum())
    np.multiply(scores, (share / total)[:, None], out=scores)
    d_positive = (own / total - 1.0) * share
    d_wanted = scores @ vectors[sampled]
    d_wanted += d_positive[:, None] * vectors[targets]
    return Loss(value, d_wanted, d_positive, scores)


def draw_others(n_items: int, n_sampled: int, chance: np.random.Generator) -> Indices:
    """About `n_sampled` different items, drawn evenly and ascending; all of them where there are no more."""
    if n_sampled >= n_items:
        return np.arange(n_items)
    # A few come twice and are kept once: cheaper than a draw without replacement over the whole catalogue.
    return np.unique(chance.integers(0, n_items, n_sampled))


def _leave_out(scores: Array, targets: Indices, sampled: Indices, n_items: int) -> None:
    place = np.full(n_items, -1)
    place[sampled] = np.arange(len(sampled))
    found = place[targets]
    rows = np.flatnonzero(found >= 0)
    scores[rows, found[rows]] = -np.inf
