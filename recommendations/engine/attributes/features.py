"""Attributes as numbers: categories, buckets of numbers and words of texts, hashed to columns of a sparse matrix."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from recommendations.engine.attributes.metadata import Categories, Metadata

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
    return Vocabulary(metadata).encode(metadata)


class Vocabulary:
    """How many rows have what, and where the tenths of numbers lie: what the weights of other rows are told by.

    Args:
        metadata: the rows that count.
    """

    def __init__(self, metadata: Metadata) -> None:
        self._n_rows = len(metadata)
        self._edges = {name: _edges(numbers) for name, numbers in metadata.numerical.items()}
        self._n_holding = {
            name: np.bincount(columns, minlength=WIDTH) for name, _, columns in self._attributes(metadata)
        }

    def encode(self, metadata: Metadata) -> sparse.csr_array[np.float32]:
        """Return rows as `make_features` does; attributes that the counted rows lack are left out."""
        blocks = [self._weigh(name, rows, columns, len(metadata)) for name, rows, columns in self._attributes(metadata)]
        rows, columns, weights = (np.concatenate(parts) for parts in zip(_NOTHING, *blocks, strict=True))
        # Columns that two attributes share by chance are added up.
        total = sparse.coo_array((weights, (rows, columns)), shape=(len(metadata), WIDTH)).tocsr()
        total.sort_indices()
        return cast("sparse.csr_array[np.float32]", total)

    def _attributes(self, metadata: Metadata) -> Iterator[tuple[str, NDArray[np.intp], NDArray[np.int64]]]:
        """Return each attribute's name, rows and hashed columns, one entry a value."""
        for name, column in sorted(metadata.categorical.items()):
            yield name, column.rows(), _hash(name, column.names)[column.codes]
        for name, numbers in sorted(metadata.numerical.items()):
            rows = np.flatnonzero(~np.isnan(numbers))
            if name in self._edges:
                buckets = np.searchsorted(self._edges[name], numbers[rows], side="right")
                yield name, rows, _hash(name, map(str, range(N_BUCKETS)))[buckets]
        for name, texts in sorted(metadata.textual.items()):
            # All texts share their words: a name's say the same in a description.
            words = Categories.build([WORD.findall(text.casefold()) for text in texts])
            yield name, words.rows(), _hash("", words.names)[words.codes]

    def _weigh(
        self, name: str, rows: NDArray[np.intp], columns: NDArray[np.int64], n_rows: int
    ) -> tuple[NDArray[np.intp], NDArray[np.int64], NDArray[np.float32]]:
        n_holding = self._n_holding.get(name)
        if n_holding is None:
            return _NOTHING
        weights = 1.0 + np.log((1.0 + self._n_rows) / (1.0 + n_holding[columns]))
        lengths = np.sqrt(np.bincount(rows, weights**2, n_rows))
        weights /= np.maximum(lengths, 1e-12)[rows]
        return rows, columns, weights.astype(np.float32)


def _edges(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the bounds between the tenths of a column of numbers; none where it has none."""
    known = numbers[~np.isnan(numbers)]
    if not len(known):
        return np.empty(0)
    edges: NDArray[np.float64] = np.quantile(known, np.arange(1, N_BUCKETS) / N_BUCKETS)
    return edges


def _hash(name: str, values: Iterable[str]) -> NDArray[np.int64]:
    # Not `hash`, which differs from process to process.
    codes = [zlib.crc32(f"{name}={value}".encode("utf-8", "surrogatepass")) % WIDTH for value in values]
    return np.array(codes, np.int64)
