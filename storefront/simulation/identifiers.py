"""Event ids for whole columns: UUIDv7 of a time and a hash, as `recommendations.events.ids` makes one at a time."""

import numpy as np
from numpy.typing import NDArray

VERSION_7 = np.uint64(0x7000)
VARIANT = np.uint64(0x8000_0000_0000_0000)


def event_ids(at_ms: NDArray[np.int64], view: NDArray[np.intp], code: NDArray[np.int8], seed: int) -> list[str]:
    """Return one id a row, as 32 hex digits; equal arguments give equal ids.

    Args:
        at_ms: epoch milliseconds, shape (n_rows,).
        view: the view that each interaction follows, shape (n_rows,).
        code: its event type, shape (n_rows,).
        seed: keeps simulations of different seeds apart.

    Source:
        RFC 9562, section 5.7: 48 bits of milliseconds, version, 12 bits, variant, 62 bits.
    """
    key = view.astype(np.uint64) * np.uint64(16) + code.astype(np.uint64)
    low = _mixed(key ^ _mixed(np.full(len(key), seed, np.uint64)))
    high = _mixed(low ^ at_ms.astype(np.uint64))
    upper = (at_ms.astype(np.uint64) << np.uint64(16)) | VERSION_7 | (high & np.uint64(0xFFF))
    lower = VARIANT | (low >> np.uint64(2))
    return [f"{left:016x}{right:016x}" for left, right in zip(upper.tolist(), lower.tolist(), strict=True)]


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread every bit over all bits.

    Source:
        splitmix64, Steele, Lea, Flood: "Fast splittable pseudorandom number generators" (2014), figure 17.
    """
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
