from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from recommendations.engine.neural.checkpoint import FILE, Checkpoint, fingerprint

ARRAYS: dict[str, NDArray[Any]] = {
    "now.weights": np.arange(6, dtype=np.float32).reshape(2, 3),
    "best.weights": np.zeros(0, np.int64),
}
FACTS = {"step": 7, "chance": {"state": 2**100, "name": "PCG64"}, "loss": 0.1 + 0.2}


def test_what_was_kept_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    keeper = Checkpoint(tmp_path / "deep" / "folder", "me")

    keeper.save(ARRAYS, FACTS)
    kept = keeper.load()

    assert kept is not None
    arrays, facts = kept
    assert {name: facts[name] for name in FACTS} == FACTS
    assert arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        np.testing.assert_array_equal(arrays[name], array)
    assert [path.name for path in (tmp_path / "deep" / "folder").iterdir()] == [FILE]


def test_nothing_kept_and_another_trainings_state_are_no_state(tmp_path: Path) -> None:
    assert Checkpoint(tmp_path, "me").load() is None

    Checkpoint(tmp_path, "another").save(ARRAYS, FACTS)

    assert Checkpoint(tmp_path, "me").load() is None


@pytest.mark.parametrize("keep", [0, 10, 200, -1])
def test_half_a_file_is_no_state(tmp_path: Path, keep: int) -> None:
    keeper = Checkpoint(tmp_path, "me")
    keeper.save(ARRAYS, FACTS)
    whole = (tmp_path / FILE).read_bytes()

    (tmp_path / FILE).write_bytes(whole[:keep])

    assert keeper.load() is None


def test_a_later_state_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    keeper = Checkpoint(tmp_path, "me")

    keeper.save(ARRAYS, FACTS)
    keeper.save(ARRAYS, {**FACTS, "step": 8})

    kept = keeper.load()
    assert kept is not None
    assert kept[1]["step"] == 8


def test_fingerprint_tells_any_change_apart() -> None:
    base = fingerprint([np.arange(4)], "a", "bc")

    assert fingerprint([np.arange(4)], "a", "bc") == base
    others = [
        fingerprint([np.arange(4)], "ab", "c"),
        fingerprint([np.arange(4).astype(np.int32)], "a", "bc"),
        fingerprint([np.arange(4).reshape(2, 2)], "a", "bc"),
        fingerprint([np.array([0, 1, 2, 4])], "a", "bc"),
    ]
    assert len({base, *others}) == 5
