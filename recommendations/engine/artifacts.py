"""Saves and loads a fitted model: one folder of plain arrays and a checksummed manifest, memory-mapped, no pickle."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from recommendations.engine.answers.encoding import Traits
from recommendations.engine.answers.histories import UserHistories
from recommendations.engine.arrays.strings import StringTable
from recommendations.engine.artifact_files import (
    FORMAT_VERSION,
    MANIFEST,
    move_into_place,
    open_manifest,
    read_array,
    seal,
    sync_folder,
    write_array,
    write_bytes,
)
from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.attributes.metadata_arrays import from_arrays, to_arrays
from recommendations.engine.base import Recommender
from recommendations.engine.exceptions import ArtifactCorrupt, ArtifactExists, InvalidMetadata
from recommendations.engine.models.blend import Blend
from recommendations.engine.models.content import Content
from recommendations.engine.models.ease import Ease
from recommendations.engine.models.hrnn import Hrnn
from recommendations.engine.models.hrnn_coldstart import HrnnColdstart
from recommendations.engine.models.hrnn_metadata import HrnnMetadata
from recommendations.engine.models.item_knn import ItemNeighbours
from recommendations.engine.models.popularity import Popularity
from recommendations.engine.models.repeats import Repeats
from recommendations.engine.models.rules import SequentialRules
from recommendations.engine.models.similar import SimilarItems
from recommendations.engine.models.transformer import Transformer
from recommendations.engine.models.trending import Trending
from recommendations.engine.models.vsknn import SessionNeighbours

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
        HrnnMetadata,
        HrnnColdstart,
        Transformer,
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
        items: what is known of each of the model's items, in their order and without texts, where it was saved.
        users: what is known of users, of those without an event too, where it was saved.
        notes: free facts saved along: recipe, solution version, metrics.
    """

    model: Recommender
    histories: UserHistories | None
    notes: Mapping[str, Any]
    items: Metadata | None = None
    users: Metadata | None = None

    def traits_of(self, user_id: str) -> Traits | None:
        """Return what is known of a user besides events, None for one of whom nothing is."""
        return Traits.of(self.users, user_id)


def save(
    folder: str | Path,
    model: Recommender,
    histories: UserHistories | None = None,
    notes: Mapping[str, Any] | None = None,
    *,
    items: Metadata | None = None,
    users: Metadata | None = None,
    replace: bool = False,
) -> None:
    """Write a fitted model to a new folder, whole or not at all; the same model gives the same bytes.

    Args:
        folder: the artifact; its parents are made. One writer at a time.
        model: a fitted model.
        histories: kept beside the model.
        notes: facts that JSON can hold.
        items: what is known of items; kept for the model's own.
        users: what is known of users; kept of all.
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
    if items is not None:
        arrays |= _prefix("items", to_arrays(items.align(model.item_ids_).without_texts(), with_ids=False))
    if users is not None:
        arrays |= _prefix("users", to_arrays(users.without_texts()))
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    files = {name: write_array(partial / f"{name}.npy", array) for name, array in sorted(arrays.items())}
    body = {
        "files": files,
        "format_version": FORMAT_VERSION,
        "histories": histories is not None,
        "model": _describe(model),
        "notes": dict(notes or {}),
    }
    write_bytes(partial / MANIFEST, seal(body))
    sync_folder(partial)
    move_into_place(partial, target)


def load(folder: str | Path, *, verify: bool = True) -> Artifact:
    """Open an artifact; its arrays stay in the files until they are used, shared by all processes.

    Args:
        folder: what `save` wrote.
        verify: whether every file is read once to compare its checksum.

    Raises:
        ArtifactCorrupt: something is missing, changed or of another format version.
    """
    source = Path(folder)
    body = open_manifest(source)
    arrays = {name: read_array(source, name, facts, verify=verify) for name, facts in body["files"].items()}
    try:
        model = _build(body["model"])
        _restore(model, "model", _table(arrays, "model.item_ids").to_tuple(), arrays)
        histories = _restore_histories(arrays) if body["histories"] else None
        items, users = _of_prefix("items", arrays), _of_prefix("users", arrays)
        known_items = from_arrays(items, model.item_ids_) if items else None
        known_users = from_arrays(users) if users else None
    except (KeyError, TypeError, ValueError, AttributeError, InvalidMetadata) as error:
        raise ArtifactCorrupt(f"{source} does not hold what its manifest says: {error!r}. Train again.") from error
    return Artifact(model, histories, body["notes"], known_items, known_users)


def _prefix(name: str, arrays: Arrays) -> Arrays:
    return {f"{name}.{key}": array for key, array in arrays.items()}


def _of_prefix(name: str, arrays: Arrays) -> Arrays:
    return {key.removeprefix(f"{name}."): array for key, array in arrays.items() if key.startswith(f"{name}.")}


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
    known = {name: f"histories.{name}" for name in UserHistories.arrays}
    # What filters alone look at was not kept at first.
    known = {name: key for name, key in known.items() if key in arrays or not name.startswith("older_")}
    return UserHistories.from_parts(tables, {name: arrays[key] for name, key in known.items()})
