"""Ranking metrics as Amazon Personalize computes them, and their bootstrap intervals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

MAX_RANK = 25


def reciprocal_rank(hits: NDArray[np.bool_], k: int = MAX_RANK) -> NDArray[np.float64]:
    """Return 1 / rank of the first hit in the top k, 0 without one.

    Args:
        hits: whether the item at each rank is relevant, best first; shape (n_cases, n_ranks), k <= n_ranks.
        k: ranks that count.

    Returns:
        Shape (n_cases,); the mean over cases is mean_reciprocal_rank_at_k.

    Source:
        Amazon Personalize developer guide, "Evaluating a solution version with metrics".
    """
    top = hits[:, :k]
    return np.where(top.any(axis=1), 1.0 / (1 + top.argmax(axis=1)), 0.0)


def ndcg(hits: NDArray[np.bool_], n_relevant: NDArray[np.int64], k: int) -> NDArray[np.float64]:
    """Return the normalised discounted cumulative gain at k: sum of 1 / log2(1 + rank) over hits, over the greatest
    sum that `n_relevant` items could have.

    Args:
        hits: shape (n_cases, n_ranks), best first.
        n_relevant: how many items are relevant, at least 1; shape (n_cases,).
        k: ranks that count.

    Returns:
        Shape (n_cases,), 0..1.

    Source:
        Amazon Personalize developer guide, "Evaluating a solution version with metrics": a hit at rank 2 and one at
        rank 5 of two relevant items give 0.6241 at 5.
    """
    gains = 1.0 / np.log2(1.0 + np.arange(1, k + 1))
    ideal = np.cumsum(gains)[np.minimum(n_relevant, k) - 1]
    return np.asarray(hits[:, :k] @ gains[: hits[:, :k].shape[1]] / ideal)


def precision(hits: NDArray[np.bool_], k: int) -> NDArray[np.float64]:
    """Return hits in the top k over k, shape (n_cases,).

    Args:
        hits: shape (n_cases, n_ranks), best first.
        k: ranks that count.

    Source:
        Amazon Personalize developer guide, "Evaluating a solution version with metrics".
    """
    return np.asarray(hits[:, :k].sum(axis=1) / k)


def coverage(lists: Iterable[Sequence[str]], n_items: int) -> float:
    """Return the share of all known items that appear in at least one list, 0..1.

    Args:
        lists: item ids.
        n_items: how many items there are.

    Source:
        Amazon Personalize developer guide, "Evaluating a solution version with metrics".
    """
    return len({item_id for ids in lists for item_id in ids}) / n_items if n_items else 0.0


def bootstrap_interval(
    values: NDArray[np.float64],
    users: Sequence[str],
    n_resamples: int = 1_000,
    seed: int = 0,
    confidence: float = 0.95,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return percentile bootstrap intervals of means, drawing whole users, since one user's cases are alike.

    Args:
        values: shape (n_cases, n_metrics).
        users: the user of each case, length n_cases.
        n_resamples: how often to draw.
        seed: of the draws; all metrics share them.
        confidence: share of the draws inside, 0..1.

    Returns:
        Lower and upper bounds, each of shape (n_metrics,); both equal to the mean when there is one user.

    Source:
        Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13, over clusters.
    """
    _, cluster = np.unique(np.asarray(users), return_inverse=True)
    n_clusters = int(cluster.max()) + 1
    sizes = np.bincount(cluster).astype(np.float64)
    sums = np.stack([np.bincount(cluster, column, n_clusters) for column in values.T], axis=1)
    generator = np.random.default_rng(seed)
    means = np.empty((n_resamples, values.shape[1]))
    for draw in range(n_resamples):
        times = np.bincount(generator.integers(0, n_clusters, n_clusters), minlength=n_clusters).astype(np.float64)
        means[draw] = times @ sums / (times @ sizes)
    outside = (1 - confidence) / 2
    low, high = np.quantile(means, [outside, 1 - outside], axis=0)
    return low, high
