"""Where a long training keeps its state, so that it goes on exactly where it was interrupted."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FILE = "training.npz"
FACTS = "facts"

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One file in a folder, replaced whole.

    Attributes:
        folder: made when first needed.
        fingerprint: of everything that the training depends on; a state of another training is not taken up.
    """

    folder: Path
    fingerprint: str

    def save(self, arrays: Arrays, facts: Mapping[str, Any]) -> None:
        """Keep a state: arrays by name, and facts that JSON can hold."""
        self.folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"fingerprint": self.fingerprint, **facts}).encode()
        contents: dict[str, Any] = {FACTS: np.frombuffer(text, np.uint8), **arrays}
        partial = self.folder / f".{FILE}.partial"
        with partial.open("wb") as file:
            np.savez(file, **contents)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self.folder / FILE)

    def load(self) -> tuple[dict[str, NDArray[Any]], dict[str, Any]] | None:
        """Return the state kept last, or None where there is none that this training can go on from."""
        try:
            with (self.folder / FILE).open("rb") as file, np.load(file, allow_pickle=False) as kept:
                facts: dict[str, Any] = json.loads(kept[FACTS].tobytes())
                if facts.get("fingerprint") != self.fingerprint:
                    return None
                return {name: kept[name] for name in kept.files if name != FACTS}, facts
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            # Half a file, or none: starting afresh is always sound.
            return None


def fingerprint(arrays: Iterable[NDArray[Any]], *texts: str) -> str:
    """A digest of arrays, with their shapes and types, and of texts."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(f"{array.dtype}{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    for text in texts:
        digest.update(f"{len(text)}:".encode() + text.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()
