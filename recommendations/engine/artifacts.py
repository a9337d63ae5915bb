"""Saves and loads a fitted model: one folder of plain arrays and a checksummed manifest, memory-mapped, no pickle."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommendations.engine.base import Recommender
from recommendations.engine.blend import Blend
from recommendations.engine.content import Content
from recommendations.engine.ease import Ease
from recommendations.engine.exceptions import ArtifactCorrupt, ArtifactExists
from recommendations.engine.histories import UserHistories
from recommendations.engine.hrnn import Hrnn
from recommendations.engine.item_knn import ItemNeighbours
from recommendations.engine.popularity import Popularity
from recommendations.engine.repeats import Repeats
from recommendations.engine.rules import SequentialRules
from recommendations.engine.similar import SimilarItems
from recommendations.engine.strings import StringTable
from recommendations.engine.trending import Trending
from recommendations.engine.vsknn import SessionNeighbours

FORMAT_VERSION = 1
MANIFEST = "manifest.json"
MODELS: Mapping[str, type[Recommender]] = {
    model.name: model
    for model in (
        Popularity,
        Trending,
        SequentialRules,
        ItemNeighbours,
        Ease,
        SessionNeighbours,
        SimilarItems,
        Repeats,
        Content,
        Hrnn,
        Blend,
    )
}

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Artifact:
    """What a campaign serves from.

    Attributes:
        model: the fitted model, its arrays mapped from the files.
        histories: what each user did last, where it was saved.
        notes: free facts saved along: recipe, solution version, metrics.
    """

    model: Recommender
    histories: UserHistories | None
    notes: Mapping[str, Any]


def save(
    folder: str | Path,
    model: Recommender,
    histories: UserHistories | None = None,
    notes: Mapping[str, Any] | None = None,
    *,
    replace: bool = False,
) -> None:
    """Write a fitted model to a new folder, whole or not at all; the same model gives the same bytes.

    Args:
        folder: the artifact; its parents are made. One writer at a time.
        model: a fitted model.
        histories: kept beside the model.
        notes: facts that JSON can hold.
        replace: whether an artifact that is already there gives way.

    Raises:
        NotFitted: the model was not trained.
        ArtifactExists: the folder is there, and `replace` is false.
    """
    target = Path(folder)
    if target.exists() and not replace:
        raise ArtifactExists(f"{target} is already there. Choose another folder, or ask to replace it.")
    arrays = _model_arrays(model)
    if histories is not None:
        arrays |= _history_arrays(histories)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    files = {name: _write_array(partial / f"{name}.npy", array) for name, array in sorted(arrays.items())}
    body = {
        "files": files,
        "format_version": FORMAT_VERSION,
        "histories": histories is not None,
        "model": _describe(model),
        "notes": dict(notes or {}),
    }
    _write_bytes(partial / MANIFEST, _seal(body))
    _sync_folder(partial)
    _move_into_place(partial, target)


def load(folder: str | Path, *, verify: bool = True) -> Artifact:
    """Open an artifact; its arrays stay in the files until they are used, shared by all processes.

    Args:
        folder: what `save` wrote.
        verify: whether every file is read once to compare its checksum.

    Raises:
        ArtifactCorrupt: something is missing, changed or of another format version.
    """
    source = Path(folder)
    body = _open_manifest(source)
    arrays = {name: _read_array(source, name, facts, verify=verify) for name, facts in body["files"].items()}
    try:
        model = _build(body["model"])
        _restore(model, "model", _table(arrays, "model.item_ids").to_tuple(), arrays)
        histories = _restore_histories(arrays) if body["histories"] else None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ArtifactCorrupt(f"{source} does not hold what its manifest says: {error!r}. Train again.") from error
    return Artifact(model, histories, body["notes"])


def _model_arrays(model: Recommender) -> Arrays:
    arrays = _learned(model, "model")
    return arrays | _table_arrays("model.item_ids", StringTable.build(model.item_ids_))


def _learned(model: Recommender, prefix: str) -> Arrays:
    arrays = {f"{prefix}.{name.rstrip('_')}": array for name, array in model.learned_arrays().items()}
    if isinstance(model, Blend):
        for name, part in model.parts_.items():
            arrays |= _learned(part, f"{prefix}.{name}")
    return arrays


def _history_arrays(histories: UserHistories) -> Arrays:
    arrays: Arrays = {f"histories.{name}": getattr(histories, name) for name in UserHistories.arrays}
    for name in UserHistories.tables:
        arrays |= _table_arrays(f"histories.{name}", getattr(histories, name))
    return arrays


def _table_arrays(name: str, table: StringTable) -> Arrays:
    return {f"{name}.offsets": table.offsets, f"{name}.blob": table.blob}


def _table(arrays: Arrays, name: str) -> StringTable:
    return StringTable(arrays[f"{name}.offsets"], arrays[f"{name}.blob"])


def _describe(model: Recommender) -> dict[str, Any]:
    hyperparameters = model.hyperparameters()
    described: dict[str, Any] = {"name": model.name, "hyperparameters": _plain(hyperparameters)}
    if isinstance(model, Blend):
        # A list, since the order of the parts is the order of their weights.
        described["parts"] = [[name, _describe(part)] for name, part in model.parts.items()]
        described["hyperparameters"].pop("parts")
    return described


def _plain(hyperparameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in hyperparameters.items()}


def _build(described: Mapping[str, Any]) -> Recommender:
    if described["name"] not in MODELS:
        raise ArtifactCorrupt(f"The model {described['name']!r} is unknown here. Models: {', '.join(MODELS)}.")
    arguments = dict(described["hyperparameters"])
    if "parts" in described:
        arguments["parts"] = {name: _build(part) for name, part in described["parts"]}
    return MODELS[described["name"]](**arguments)


def _restore(model: Recommender, prefix: str, item_ids: tuple[str, ...], arrays: Arrays) -> None:
    model.restore(item_ids, {name: arrays[f"{prefix}.{name.rstrip('_')}"] for name in model.learned})
    if isinstance(model, Blend):
        model.parts_ = {name: model.clone_part(name) for name in model.taking_part()}
        for name, part in model.parts_.items():
            _restore(part, f"{prefix}.{name}", item_ids, arrays)


def _restore_histories(arrays: Arrays) -> UserHistories:
    tables = {name: _table(arrays, f"histories.{name}") for name in UserHistories.tables}
    return UserHistories.from_parts(tables, {name: arrays[f"histories.{name}"] for name in UserHistories.arrays})


def _seal(body: Mapping[str, Any]) -> bytes:
    """Return the manifest's bytes: one line of JSON, and its own SHA-256 on a second."""
    text = json.dumps(body, sort_keys=True, ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode()
    return text + b"\n" + hashlib.sha256(text).hexdigest().encode() + b"\n"


def _open_manifest(source: Path) -> dict[str, Any]:
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


def _write_array(path: Path, array: NDArray[Any]) -> dict[str, Any]:
    with path.open("wb") as file:
        np.save(file, np.ascontiguousarray(array), allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())
    return {"bytes": path.stat().st_size, "sha256": _digest(path)}


def _read_array(source: Path, name: str, facts: Mapping[str, Any], *, verify: bool) -> NDArray[Any]:
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


def _write_bytes(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _move_into_place(partial: Path, target: Path) -> None:
    retired = target.with_name(f".{target.name}.retired")
    shutil.rmtree(retired, ignore_errors=True)
    if target.exists():
        # Two renames, since a full folder cannot be renamed onto; readers that mapped the old files keep them.
        target.rename(retired)
    partial.rename(target)
    _sync_folder(target.parent)
    shutil.rmtree(retired, ignore_errors=True)
