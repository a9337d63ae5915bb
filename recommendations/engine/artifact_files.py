"""The files of an artifact: arrays as `.npy` and a sealed manifest, written down to the disk, mapped when read."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.exceptions import ArtifactCorrupt

FORMAT_VERSION = 1
MANIFEST = "manifest.json"


def seal(body: Mapping[str, Any]) -> bytes:
    """Return the manifest's bytes: one line of JSON, and its own SHA-256 on a second."""
    text = json.dumps(body, sort_keys=True, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()
    return text + b"\n" + hashlib.sha256(text).hexdigest().encode() + b"\n"


def open_manifest(source: Path) -> dict[str, Any]:
    """Return what a folder's manifest says.

    Raises:
        ArtifactCorrupt: it is missing, changed, or of another format version.
    """
    try:
        text, _, seal = (source / MANIFEST).read_bytes().partition(b"\n")
    except OSError as error:
        raise ArtifactCorrupt(f"{source} has no readable {MANIFEST}. Train again.") from error
    if seal != hashlib.sha256(text).hexdigest().encode() + b"\n":
        raise ArtifactCorrupt(f"{source / MANIFEST} was changed or cut short. Train again.")
    body: dict[str, Any] = json.loads(text)
    if body.get("format_version") != FORMAT_VERSION:
        raise ArtifactCorrupt(
            f"{source} has the format version {body.get('format_version')!r}; this engine reads {FORMAT_VERSION}. "
            "Train again."
        )
    return body


def write_array(path: Path, array: NDArray[Any]) -> dict[str, Any]:
    """Write an array as `.npy`, down to the disk, and return its size and checksum."""
    with path.open("wb") as file:
        np.save(file, np.ascontiguousarray(array), allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())
    return {"bytes": path.stat().st_size, "sha256": _digest(path)}


def read_array(source: Path, name: str, facts: Mapping[str, Any], *, verify: bool) -> NDArray[Any]:
    """Map an array from its file.

    Args:
        source: the artifact's folder.
        name: the array's.
        facts: what `write_array` returned.
        verify: whether the file is read once to compare its checksum, or its size alone.

    Raises:
        ArtifactCorrupt: the file is missing or changed.
    """
    path = source / f"{name}.npy"
    try:
        if path.stat().st_size != facts["bytes"] or (verify and _digest(path) != facts["sha256"]):
            raise ArtifactCorrupt(f"{path} was changed or cut short. Train again.")
        mapped = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise ArtifactCorrupt(f"{path} is missing or not readable: {error}. Train again.") from error
    # A plain view: slicing a memmap object costs a microsecond more each time, and a request does it often.
    return np.asarray(mapped)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file, down to the disk."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Take a folder's entries down to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def move_into_place(partial: Path, target: Path) -> None:
    """Give a folder its name, in place of one that has it."""
    retired = target.with_name(f".{target.name}.retired")
    shutil.rmtree(retired, ignore_errors=True)
    if target.exists():
        # Two renames, since a full folder cannot be renamed onto; readers that mapped the old files keep them.
        target.rename(retired)
    partial.rename(target)
    sync_folder(target.parent)
    shutil.rmtree(retired, ignore_errors=True)
