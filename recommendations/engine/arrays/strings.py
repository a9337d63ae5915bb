"""A table of ascending strings as two arrays, so that it can be memory-mapped and searched where it lies."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Self, overload

import numpy as np
from numpy.typing import NDArray


class StringTable(Sequence[str]):
    """Strings in ascending order, UTF-8, end to end.

    Attributes:
        offsets: string n is the bytes offsets[n]:offsets[n + 1]; int64, shape (n_strings + 1,).
        blob: all bytes, uint8.
    """

    def __init__(self, offsets: NDArray[np.int64], blob: NDArray[np.uint8]) -> None:
        self.offsets = offsets
        self.blob = blob

    @classmethod
    def build(cls, strings: Iterable[str]) -> Self:
        """Build from strings that are in ascending order already."""
        encoded = [string.encode() for string in strings]
        lengths = np.fromiter(map(len, encoded), np.int64, len(encoded))
        offsets = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
        return cls(offsets, np.frombuffer(b"".join(encoded), np.uint8))

    def __len__(self) -> int:
        """Return the number of strings."""
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, number: int) -> str: ...

    @overload
    def __getitem__(self, number: slice) -> list[str]: ...

    def __getitem__(self, number: int | slice) -> str | list[str]:
        """Return one string, or several."""
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(len(self)))]
        if not -len(self) <= number < len(self):
            raise IndexError(f"string {number} of {len(self)}")
        return self._bytes(number % len(self)).decode()

    def find(self, string: str) -> int:
        """Return a string's number in O(log n), -1 if it is not in the table."""
        # UTF-8 sorts as code points do, so that bytes can be compared.
        wanted = string.encode()
        number = bisect_left(range(len(self)), wanted, key=self._bytes)
        return number if number < len(self) and self._bytes(number) == wanted else -1

    def to_tuple(self) -> tuple[str, ...]:
        """Return all strings at once; much faster than one by one."""
        whole = self.blob.tobytes()
        offsets = self.offsets.tolist()
        return tuple(whole[start:stop].decode() for start, stop in pairwise(offsets))

    def _bytes(self, number: int) -> bytes:
        return self.blob[self.offsets[number] : self.offsets[number + 1]].tobytes()
