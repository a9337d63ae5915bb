"""Item vectors to begin a training with: a factorisation of which item comes soon after which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import svds

from recommendations.engine.attributes.sketching import sketch_vectors
from recommendations.engine.models.pairs import Counts, count_pairs
from recommendations.engine.neural.cells import Array

Numbers = NDArray[np.int32]
MANY_RETURNS = 0.1
# Tables with one row an item.
OF_ITEMS = ("items_in", "items_out", "item_bias")

# Contexts are smoothed by this power, so that rare ones do not get the greatest weights.
SMOOTHING = 0.75
# Below this many items the whole decomposition takes milliseconds.
SMALL = 300


class Previous(NamedTuple):
    """A trained network, and what its rows are of; keys only where it was described, see `Description`."""

    weights: Mapping[str, Array]
    item_ids: Sequence[str]
    type_names: Sequence[str]
    item_keys: NDArray[np.uint64] | None = None
    user_keys: NDArray[np.uint64] | None = None


def factorise_sequences(
    users: Numbers,
    items: Numbers,
    n_items: int,
    width: int,
    window: int,
    seed: int,
    *,
    sketched: bool = False,
) -> tuple[Array, Array]:
    """Vectors such that left[i] . right[j] is about how much likelier j is soon after i than by chance.

    Where shoppers often look at the same item twice running, order within a pair is left out and both vectors of an
    item are equal: then each item foretells itself from the start, which few numbers could not learn of every item.

    Args:
        users, items: of each event, sorted by user and time; shape (n_rows,).
        n_items: of the catalogue.
        width: how many numbers a vector has; more than the data carries are zero.
        window: the greatest distance of a pair, in events; pairs count 1 / distance.
        seed: of the vector that the decomposition starts with, so that equal data give equal vectors.
        sketched: whether an answer that is about exact will do, which takes a quarter of the time.

    Returns:
        Vectors of items as the past, and as what comes next; both of shape (n_items, width).

    Source:
        Levy and Goldberg, "Neural word embedding as implicit matrix factorization" (2014), section 4: a singular value
        decomposition of the positive pointwise mutual information; here of ordered pairs.
    """
    left, right = np.zeros((n_items, width), np.float32), np.zeros((n_items, width), np.float32)
    counts = count_pairs(users, items, n_items, window)
    is_returning = share_of_returns(users, items) >= MANY_RETURNS
    information = positive_information(counts + counts.T if is_returning else counts)
    rank = min(width, n_items - 1, information.nnz)
    if rank < 1:
        return left, right
    first, strengths, second = _decompose(information.astype(np.float64), rank, seed, sketched=sketched)
    order = np.argsort(-strengths, kind="stable")
    roots = np.sqrt(np.maximum(strengths[order], 0.0))
    signs = _signs(first[:, order])
    left[:, :rank] = first[:, order] * (roots * signs)
    right[:, :rank] = second[order].T * (roots * signs)
    return left, (left.copy() if is_returning else right)


def share_of_returns(users: Numbers, items: Numbers) -> float:
    """The share of events, but each user's first, that are on the same item as the event before."""
    same_user = users[1:] == users[:-1]
    return float((items[1:] == items[:-1])[same_user].mean()) if same_user.any() else 0.0


def positive_information(counts: Counts) -> Counts:
    """Logarithms of how much likelier each pair is than by chance, where it is likelier."""
    by_row: NDArray[np.float64] = np.asarray(counts.sum(axis=1), np.float64).ravel()
    by_column: NDArray[np.float64] = np.asarray(counts.sum(axis=0), np.float64).ravel() ** SMOOTHING
    pairs = counts.tocoo()
    rows, columns = pairs.coords
    by_chance = by_row[rows] * by_column[columns] / max(by_column.sum(), 1e-12)
    information = np.log(pairs.data / np.maximum(by_chance, 1e-12))
    kept = information > 0
    shape = (len(by_row), len(by_column))
    found = sparse.csr_array((information[kept].astype(np.float32), (rows[kept], columns[kept])), shape=shape)
    return cast("Counts", found)


def _decompose(
    matrix: sparse.csr_array[np.float64], rank: int, seed: int, *, sketched: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    n_items = matrix.shape[0]
    if n_items <= SMALL:
        # Iterations from a random start may fail on a matrix of few items, and gain nothing there.
        first, strengths, second = np.linalg.svd(matrix.toarray())
        return first[:, :rank], strengths[:rank], second[:rank]
    if sketched:
        return sketch_vectors(matrix, rank, seed)
    start = np.random.default_rng(seed).standard_normal(n_items)
    found = svds(matrix, k=rank, v0=start)
    return np.asarray(found[0]), np.asarray(found[1], np.float64), np.asarray(found[2])


def _signs(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sign that makes each column's greatest entry positive, so that a decomposition has one answer."""
    greatest = vectors[np.abs(vectors).argmax(axis=0), np.arange(vectors.shape[1])]
    return np.where(greatest < 0, -1.0, 1.0)


def carry_over(
    previous: Previous, fresh: Mapping[str, Array], item_ids: Sequence[str], type_names: Sequence[str]
) -> dict[str, Array] | None:
    """Weights to go on from: the previous ones, and for items new since then the fresh ones in the same space.

    Args:
        previous: what was trained before.
        fresh: a network begun for tonight's items and types.
        item_ids: tonight's items, one a row.
        type_names: tonight's event types, one a row but the last, which stands for all others.

    Returns:
        Weights of the fresh ones' shapes, or None where no item was known before.
    """
    rows = {item_id: row for row, item_id in enumerate(previous.item_ids)}
    found = np.array([rows.get(item_id, -1) for item_id in item_ids], np.intp)
    is_old = found >= 0
    if not is_old.any():
        return None
    weights = {name: np.array(previous.weights[name]) for name in fresh if name not in (*OF_ITEMS, "types_in")}
    for name in ("items_in", "items_out"):
        weights[name] = _turn(fresh[name], previous.weights[name], found, is_old)
    biases = np.asarray(previous.weights["item_bias"])
    weights["item_bias"] = np.where(is_old, biases[found], biases.mean()).astype(np.float32)
    kinds = {name: row for row, name in enumerate(previous.type_names)}
    weights["types_in"] = fresh["types_in"].copy()
    for row, name in enumerate(type_names):
        if name in kinds:
            weights["types_in"][row] = previous.weights["types_in"][kinds[name]]
    return weights


def _turn(fresh: Array, before: Array, found: NDArray[np.intp], is_old: NDArray[np.bool_]) -> Array:
    """Rows known before as they were; new ones by the linear map that takes the known ones' fresh rows there best."""
    known = fresh[is_old].astype(np.float64)
    wanted = before[found[is_old]].astype(np.float64)
    squares = known.T @ known
    squares += np.eye(len(squares)) * (1e-3 * np.trace(squares) / len(squares) + 1e-9)
    turned: Array = (fresh @ np.linalg.solve(squares, known.T @ wanted)).astype(np.float32)
    turned[is_old] = before[found[is_old]]
    return turned
