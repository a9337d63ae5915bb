"""What a training reads: the imports of each dataset of a group, and what was streamed into it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from recommendations import conf
from recommendations.adapters.embedded.columns import read_columns, read_metadata
from recommendations.adapters.embedded.imports import schema_of
from recommendations.adapters.embedded.merging import merge_interactions, merge_metadata
from recommendations.adapters.embedded.streamed import read_streamed_events, read_streamed_records
from recommendations.datasets import without_summaries
from recommendations.engine.attributes.metadata import Metadata
from recommendations.engine.attributes.metadata_reading import kind_of
from recommendations.engine.exceptions import NotEnoughData
from recommendations.engine.interactions import Interactions
from recommendations.engine.recipes import Recipe
from recommendations.exceptions import InvalidInput
from recommendations.models.resources import Dataset, DatasetGroup, DatasetImportJob, Status
from recommendations.ports import DatasetType

# The datasets of which a recipe needs at least one.
NEEDED: Mapping[str, tuple[DatasetType, ...]] = {
    "nothing": (),
    "items": (DatasetType.ITEMS,),
    "items_or_users": (DatasetType.ITEMS, DatasetType.USERS),
}


# Columns by dataset.
Excluded = Mapping[DatasetType, frozenset[str]]
NOTHING: Excluded = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Datasets:
    """A dataset group's imported data.

    Attributes:
        interactions: with what is known of their items and users; items without an event are in the catalogue.
        items: all imported items, None where none were.
        users: all imported users, those without an event too, None where none were.
    """

    interactions: Interactions
    items: Metadata | None
    users: Metadata | None


def read_datasets(dataset_group: DatasetGroup, excluded: Excluded = NOTHING) -> Datasets:
    """Read what a training is to know: the newest full import of each dataset, what was added since, what was streamed.

    Imported columns are mapped from files where nothing was added to them.

    Args:
        dataset_group: whose.
        excluded: columns of items and users that are known to filters, and not trained on.

    Raises:
        NotEnoughData: no interactions were imported.
        OSError: a file is missing.
    """
    folders = _folders(dataset_group, DatasetType.INTERACTIONS)
    parts = [read_columns(folder) for folder in folders]
    streamed = read_streamed_events(dataset_group)
    if streamed is not None:
        parts.append(streamed)
    if not parts:
        raise NotEnoughData("The dataset group has no imported interactions.")
    items, users = (read_metadata_of(dataset_group, kind) for kind in (DatasetType.ITEMS, DatasetType.USERS))
    trained_on = (
        _trained_on(dataset_group, DatasetType.ITEMS, items, excluded),
        _trained_on(dataset_group, DatasetType.USERS, without_summaries(users), excluded),
    )
    return Datasets(merge_interactions(parts).with_metadata(*trained_on), items, users)


def require_attributes(dataset_group: DatasetGroup, recipe: Recipe) -> None:
    """Refuse a recipe whose training would find nothing of what it learns from.

    Raises:
        InvalidInput: it needs attributes, and none are imported; the message names the dataset.
    """
    wanted = NEEDED[recipe.needs]
    if wanted and not any(_folders(dataset_group, each) for each in wanted):
        names = " or ".join(each.value.capitalize() for each in wanted)
        raise InvalidInput(
            f"recipe == {recipe.name!r}: it learns from attributes, and {dataset_group.name} has none imported. Import "
            f"the dataset {names} first, or choose aws-hrnn."
        )


def _trained_on(
    dataset_group: DatasetGroup, dataset_type: DatasetType, metadata: Metadata | None, excluded: Excluded
) -> Metadata | None:
    """Leave out what was excluded, and strings that the schema does not call categorical or textual."""
    dataset = Dataset.objects.select_related("schema").filter(dataset_group=dataset_group, dataset_type=dataset_type)
    found = dataset.first()
    if metadata is None or found is None:
        return metadata
    plain = {field["name"] for field in schema_of(found)["fields"] if kind_of(field) == "none"}
    return metadata.without(plain | excluded.get(dataset_type, frozenset()))


def read_metadata_of(dataset_group: DatasetGroup, dataset_type: DatasetType) -> Metadata | None:
    """Return what was imported and put into a dataset of Items or Users; None where there is nothing."""
    parts = [read_metadata(folder) for folder in _folders(dataset_group, dataset_type)]
    dataset = Dataset.objects.filter(dataset_group=dataset_group, dataset_type=dataset_type).first()
    put = read_streamed_records(dataset) if dataset is not None else None
    if put is not None:
        parts.append(put)
    return merge_metadata(parts) if parts else None


def _folders(dataset_group: DatasetGroup, dataset_type: DatasetType) -> list[Path]:
    """The newest full import, and those after it that added to it; oldest first."""
    jobs = DatasetImportJob.objects.filter(
        dataset__dataset_group=dataset_group, dataset__dataset_type=dataset_type, status=Status.ACTIVE
    ).order_by("-created_at", "-pk")
    folders = []
    for mode, path in jobs.values_list("import_mode", "columns_path"):
        folders.append(conf.artifacts_dir() / path)
        if mode == "FULL":
            break
    return folders[::-1]
