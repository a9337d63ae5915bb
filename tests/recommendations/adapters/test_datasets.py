"""What trainings read: the newest imports of a group, so that items nobody touched are in the catalogue."""

import csv
from pathlib import Path

import numpy as np
import pytest

from recommendations import conf
from recommendations.adapters.embedded import training
from recommendations.adapters.embedded.datasets import read_datasets
from recommendations.adapters.registry import get_backend
from recommendations.datasets import columns
from recommendations.engine.artifacts import load
from recommendations.engine.exceptions import NotEnoughData
from recommendations.engine.interactions import Event
from recommendations.engine.models.hrnn_coldstart import HrnnColdstart
from recommendations.engine.neural import learning
from recommendations.exceptions import InvalidInput
from recommendations.models.resources import DatasetGroup, SolutionVersion, Status
from recommendations.ports import DatasetType, ResourceStatus
from tests.factories.retraining import past_of, write_csv

pytestmark = pytest.mark.django_db

TASTES = ([f"EVEN-{number:02}" for number in range(16)], [f"ODD-{number:02}" for number in range(16)])
SKUS = [*TASTES[0], *TASTES[1], "EVEN-NEW", "ODD-NEW"]
ITEMS: list[list[object]] = [[sku, 5, sku.split("-")[0].title(), "Northwold", 10] for sku in SKUS]


def ensure(name: str, arn: str, folder: Path, kind: DatasetType, rows: list[list[object]]) -> None:
    path = folder / f"{name}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns(kind), *rows])
    job = get_backend("embedded").control.ensure_import(name, dataset_group_arn=arn, location=path, dataset_type=kind)
    assert job.status is ResourceStatus.ACTIVE, job.failure_reason


@pytest.fixture
def group(calm_world: Path) -> DatasetGroup:
    control = get_backend("embedded").control
    arn = control.ensure_dataset_group("datasets", tags={}).arn
    control.ensure_import("job", dataset_group_arn=arn, location=write_csv(calm_world / "past.csv", past_of(TASTES)))
    return DatasetGroup.objects.get()


def test_datasets_hold_items_that_nobody_touched(group: DatasetGroup, tmp_path: Path) -> None:
    ensure("items", group.arn, tmp_path, DatasetType.ITEMS, ITEMS)
    ensure("users", group.arn, tmp_path, DatasetType.USERS, [["nobody yet", "2026-03", "Even"]])

    datasets = read_datasets(group)

    log = datasets.interactions
    assert {"EVEN-NEW", "ODD-NEW"} < set(log.item_ids)
    assert log.item_metadata is not None
    assert log.item_metadata.ids == log.item_ids
    assert log.user_metadata is not None
    assert "nobody yet" not in log.user_metadata.ids
    # Summed up of the events that are to be foretold; filters may still ask for it.
    assert "FAVOURITE_CATEGORY" not in log.user_metadata.categorical
    assert datasets.users is not None
    assert list(datasets.users.ids) == ["nobody yet"]


def test_datasets_are_those_imported_last(group: DatasetGroup, tmp_path: Path) -> None:
    ensure("items", group.arn, tmp_path, DatasetType.ITEMS, ITEMS)
    ensure("items-later", group.arn, tmp_path, DatasetType.ITEMS, ITEMS[:-2])

    datasets = read_datasets(group)

    assert "EVEN-NEW" not in datasets.interactions.item_ids


def test_datasets_are_trained_on_without_what_was_left_out(group: DatasetGroup, tmp_path: Path) -> None:
    ensure("items", group.arn, tmp_path, DatasetType.ITEMS, ITEMS)

    datasets = read_datasets(group, {DatasetType.ITEMS: frozenset({"BRAND", "PRICE"})})

    learned, known = datasets.interactions.item_metadata, datasets.items
    assert learned is not None
    assert known is not None
    assert (set(learned.categorical), set(learned.numerical)) == ({"CATEGORY_L1"}, set())
    assert (set(known.categorical), set(known.numerical)) == ({"CATEGORY_L1", "BRAND"}, {"PRICE"})
    assert learned.is_dated


def test_datasets_without_items_and_users_are_interactions_alone(group: DatasetGroup) -> None:
    datasets = read_datasets(group)

    assert (datasets.items, datasets.users) == (None, None)
    assert (datasets.interactions.item_metadata, datasets.interactions.user_metadata) == (None, None)


def test_datasets_without_interactions_are_refused(calm_world: Path, tmp_path: Path) -> None:
    arn = get_backend("embedded").control.ensure_dataset_group("empty", tags={}).arn
    ensure("items", arn, tmp_path, DatasetType.ITEMS, ITEMS)

    with pytest.raises(NotEnoughData, match="no imported interactions"):
        read_datasets(DatasetGroup.objects.get())


def test_training_on_items_ranks_new_ones_by_what_they_are(group: DatasetGroup, tmp_path: Path) -> None:
    ensure("items", group.arn, tmp_path, DatasetType.ITEMS, ITEMS)
    ensure("users", group.arn, tmp_path, DatasetType.USERS, [["nobody yet", "2026-03", "Even"]])
    get_backend("embedded").control.ensure_solution_version(
        "new", dataset_group_arn=group.arn, recipe="aws-user-personalization", hyperparameters={}, event_weights={}
    )

    training.train_next()

    artifact = load(conf.artifacts_dir() / SolutionVersion.objects.get().artifact_path)
    is_new = np.array([item.endswith("NEW") for item in artifact.model.item_ids_])
    for taste in ("EVEN", "ODD"):
        ((best, *_),), _ = artifact.model.recommend([[Event(f"{taste}-03", 1, "view")]], 2, is_new)
        assert best == f"{taste}-NEW"
    assert artifact.items is not None
    assert artifact.items.ids == artifact.model.item_ids_
    traits = artifact.traits_of("nobody yet")
    assert traits is not None
    assert traits.categorical["FAVOURITE_CATEGORY"] == ("Even",)


def ask_for(group: DatasetGroup, name: str, recipe: str) -> SolutionVersion:
    arn = (
        get_backend("embedded")
        .control.ensure_solution_version(
            name,
            dataset_group_arn=group.arn,
            recipe=recipe,
            hyperparameters={"hidden_dimension": 32, "passes": 2},
            event_weights={},
        )
        .arn
    )
    return SolutionVersion.objects.get(arn=arn)


@pytest.mark.parametrize(
    ("recipe", "named"), [("aws-hrnn-metadata", "Items or Users first"), ("aws-hrnn-coldstart", "Items first")]
)
def test_recipes_that_learn_from_attributes_are_refused_without_them_by_the_dataset(
    group: DatasetGroup, recipe: str, named: str
) -> None:
    with pytest.raises(InvalidInput, match=named):
        ask_for(group, "none", recipe)

    assert not SolutionVersion.objects.exists()


def test_attributes_of_users_alone_are_enough_for_metadata_and_not_for_coldstart(
    group: DatasetGroup, tmp_path: Path
) -> None:
    ensure("users", group.arn, tmp_path, DatasetType.USERS, [["u-1", "2026-03", "Even"]])

    assert ask_for(group, "metadata", "aws-hrnn-metadata").status == Status.PENDING
    with pytest.raises(InvalidInput, match="Items first"):
        ask_for(group, "coldstart", "aws-hrnn-coldstart")


def test_coldstart_recommends_new_items_to_whom_their_attributes_fit(
    group: DatasetGroup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(learning, "FEWEST_BATCHES", 20)
    ensure("items", group.arn, tmp_path, DatasetType.ITEMS, ITEMS)
    version = ask_for(group, "coldstart", "aws-hrnn-coldstart")

    training.train(version)

    version.refresh_from_db()
    assert version.status == Status.ACTIVE, version.failure_reason
    model = load(conf.artifacts_dir() / version.artifact_path).model
    assert isinstance(model, HrnnColdstart)
    assert model.now_s == int(version.created_at.timestamp())
    new = ~model.allow_all()
    new[model.indices_of(["EVEN-NEW", "ODD-NEW"])] = True
    now = int(version.created_at.timestamp())
    for kind in ("EVEN", "ODD"):
        history = [Event(f"{kind}-{number:02}", now + number, "product_view") for number in range(3)]
        assert model.recommend([history], 1, new)[0][0] == [f"{kind}-NEW"]
