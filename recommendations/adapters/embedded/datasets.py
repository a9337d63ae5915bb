"""What a training reads: the newest import of each dataset of a group."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from recommendations import conf
from recommendations.adapters.embedded.columns import read_columns, read_metadata
from recommendations.engine.exceptions import NotEnoughData
from recommendations.engine.interactions import Interactions
from recommendations.engine.metadata import Metadata
from recommendations.engine.recipes import Recipe
from recommendations.exceptions import InvalidInput
from recommendations.models.resources import DatasetGroup, DatasetImportJob, Status
from recommendations.ports import DatasetType

# The datasets of which a recipe needs at least one.
NEEDED: Mapping[str, tuple[DatasetType, ...]] = {
    "nothing": (),
    "items": (DatasetType.ITEMS,),
    "items_or_users": (DatasetType.ITEMS, DatasetType.USERS),
}


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


def read_datasets(dataset_group: DatasetGroup) -> Datasets:
    """Read the newest ACTIVE import of each dataset, its columns mapped from files.

    Raises:
        NotEnoughData: no interactions were imported.
        OSError: a file is missing.
    """
    folder = _folder(dataset_group, DatasetType.INTERACTIONS)
    if folder is None:
        raise NotEnoughData("The dataset group has no imported interactions.")
    items, users = (_read_metadata(dataset_group, kind) for kind in (DatasetType.ITEMS, DatasetType.USERS))
    return Datasets(read_columns(folder).with_metadata(items, users), items, users)


def require_attributes(dataset_group: DatasetGroup, recipe: Recipe) -> None:
    """Refuse a recipe whose training would find nothing of what it learns from.

    Raises:
        InvalidInput: it needs attributes, and none are imported; the message names the dataset.
    """
    wanted = NEEDED[recipe.needs]
    if wanted and all(_folder(dataset_group, each) is None for each in wanted):
        names = " or ".join(each.value.capitalize() for each in wanted)
        raise InvalidInput(
            f"recipe == {recipe.name!r}: it learns from attributes, and {dataset_group.name} has none imported. Import "
            f"the dataset {names} first, or choose aws-hrnn."
        )


def _read_metadata(dataset_group: DatasetGroup, dataset_type: DatasetType) -> Metadata | None:
    folder = _folder(dataset_group, dataset_type)
    return None if folder is None else read_metadata(folder)


def _folder(dataset_group: DatasetGroup, dataset_type: DatasetType) -> Path | None:
    jobs = DatasetImportJob.objects.filter(
        dataset__dataset_group=dataset_group, dataset__dataset_type=dataset_type, status=Status.ACTIVE
    )
    newest = jobs.order_by("-created_at", "-pk").first()
    return None if newest is None else conf.artifacts_dir() / newest.columns_path
