"""Attributes as numbers: categories, buckets of numbers and words of texts, hashed to columns of a sparse matrix."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.metadata import Categories, Metadata

WIDTH = 1 << 15
N_BUCKETS = 10
WORD = re.compile(r"\w+")
_NOTHING = (np.empty(0, np.intp), np.empty(0, np.int64), np.empty(0, np.float32))


def make_features(metadata: Metadata) -> sparse.csr_array[np.float32]:
    """Return each row's attributes as TF-IDF weights of hashed columns.

    A category is a column, so is a tenth of the range of a number (as many rows in each), so is a word. Every
    attribute of a row weighs 1 in all, however many words or categories it has: sum of squares over its columns.

    Args:
        metadata: of items or of users, in any order.

    Returns:
        A CSR array of shape (n_rows, WIDTH); a row without attributes is empty.

    Source:
        Weinberger et al., "Feature hashing for large scale multitask learning" (2009), for the columns; Salton and
        Buckley, "Term-weighting approaches in automatic text retrieval" (1988), for the weights.
    """
    blocks = [_weigh(rows, columns, len(metadata)) for rows, columns in _attributes(metadata)]
    rows, columns, weights = (np.concatenate(parts) for parts in zip(_NOTHING, *blocks, strict=True))
    # Columns that two attributes share by chance are added up.
    total = sparse.coo_array((weights, (rows, columns)), shape=(len(metadata), WIDTH)).tocsr()
    total.sort_indices()
    return cast("sparse.csr_array[np.float32]", total)


def _attributes(metadata: Metadata) -> Iterator[tuple[NDArray[np.intp], NDArray[np.int64]]]:
    """Return each attribute's rows and hashed columns, one entry a value."""
    for name, column in sorted(metadata.categorical.items()):
        yield column.rows(), _hash(name, column.names)[column.codes]
    for name, numbers in sorted(metadata.numerical.items()):
        rows = np.flatnonzero(~np.isnan(numbers))
        buckets = _bucket(numbers[rows])
        yield rows, _hash(name, map(str, range(N_BUCKETS)))[buckets]
    for _, texts in sorted(metadata.textual.items()):
        # All texts share their words: a name's say the same in a description.
        words = Categories.build([WORD.findall(text.casefold()) for text in texts])
        yield words.rows(), _hash("", words.names)[words.codes]


def _weigh(
    rows: NDArray[np.intp], columns: NDArray[np.int64], n_rows: int
) -> tuple[NDArray[np.intp], NDArray[np.int64], NDArray[np.float32]]:
    n_holding = np.bincount(columns, minlength=WIDTH)
    weights = 1.0 + np.log((1.0 + n_rows) / (1.0 + n_holding[columns]))
    lengths = np.sqrt(np.bincount(rows, weights**2, n_rows))
    weights /= np.maximum(lengths, 1e-12)[rows]
    return rows, columns, weights.astype(np.float32)


def _bucket(numbers: NDArray[np.float64]) -> NDArray[np.intp]:
    if not len(numbers):
        return np.empty(0, np.intp)
    edges = np.quantile(numbers, np.arange(1, N_BUCKETS) / N_BUCKETS)
    return np.searchsorted(edges, numbers, side="right")


def _hash(name: str, values: Iterable[str]) -> NDArray[np.int64]:
    # Not `hash`, which differs from process to process.
    codes = [zlib.crc32(f"{name}={value}".encode("utf-8", "surrogatepass")) % WIDTH for value in values]
    return np.array(codes, np.int64)
