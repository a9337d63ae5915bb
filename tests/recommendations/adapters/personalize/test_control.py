"""What is made at Personalize is made once, is known as the shop's own, and goes in order."""

import time
from pathlib import Path

import pytest
from pytest_django import Settings

from recommendations.adapters.aws.clients import client, forget_clients
from recommendations.adapters.personalize.clients import control
from recommendations.adapters.personalize.control import PersonalizeControlPlane
from recommendations.adapters.personalize.finding import find_by_name, listed
from recommendations.adapters.personalize.solutions import Settings as SolutionSettings
from recommendations.exceptions import InvalidInput
from recommendations.ports import ResourceStatus
from tests.aws_mock import BUCKET
from tests.factories.personalize import active
from tests.factories.retraining import past_of, write_csv

pytestmark = pytest.mark.usefixtures("personalize_service")

TASTES = ([f"EVEN-{number:02}" for number in range(16)], [f"ODD-{number:02}" for number in range(16)])
PLANE = PersonalizeControlPlane()


def make_group(name: str = "control") -> str:
    return active(lambda: PLANE.ensure_dataset_group(name, tags={"colour": "maize"})).arn


def test_group_that_somebody_else_made_is_neither_used_nor_found_nor_deleted() -> None:
    arn = control("create_dataset_group", name="theirs")["datasetGroupArn"]
    active(lambda: PLANE.ensure_dataset_group("ours", tags={}))

    try:
        with pytest.raises(InvalidInput, match="not this shop's"):
            PLANE.ensure_dataset_group("theirs", tags={})
        with pytest.raises(InvalidInput, match="not this shop's"):
            PLANE.delete_dataset_group(arn)

        assert PLANE.find_dataset_group("theirs") is None
        assert find_by_name("list_dataset_groups", "datasetGroups", "theirs") is not None
    finally:
        control("delete_dataset_group", datasetGroupArn=arn)


def test_group_of_another_world_is_not_this_worlds(settings: Settings, tmp_path: Path) -> None:
    arn, world = make_group(), settings.WORLD_DIR

    settings.WORLD_DIR = tmp_path / "another-world"
    found = PLANE.find_dataset_group("control")
    with pytest.raises(InvalidInput, match="world"):
        PLANE.delete_dataset_group(arn)
    settings.WORLD_DIR = world

    assert found is None
    assert PLANE.find_dataset_group("control") is not None


def test_group_of_other_tags_is_another_one() -> None:
    make_group()

    with pytest.raises(InvalidInput, match="colour == 'maize', not 'blue'"):
        PLANE.ensure_dataset_group("control", tags={"colour": "blue"})


def test_all_groups_share_one_schema_of_a_kind() -> None:
    def n_schemas() -> int:
        return sum(each["name"].startswith("storefront-interactions-") for each in listed("list_schemas", "schemas"))

    make_group("control-a")
    first = n_schemas()
    make_group("control-b")

    assert (first, n_schemas()) == (1, 1)


def test_import_repeated_uploads_and_imports_nothing_more(tmp_path: Path) -> None:
    arn, path = make_group(), write_csv(tmp_path / "past.csv", past_of(TASTES))
    job = active(lambda: PLANE.ensure_import("job", dataset_group_arn=arn, location=path))
    key = "shop/control/job.csv"
    before = client("s3").head_object(Bucket=BUCKET, Key=key)["LastModified"]
    path.unlink()

    again = PLANE.ensure_import("job", dataset_group_arn=arn, location=path)

    assert again == job
    assert job.n_rows == 1200
    assert client("s3").head_object(Bucket=BUCKET, Key=key)["LastModified"] == before
    dataset_arn = arn.replace(":dataset-group/", ":dataset/") + "/INTERACTIONS"
    assert sum(1 for _ in listed("list_dataset_import_jobs", "datasetImportJobs", datasetArn=dataset_arn)) == 1


def test_training_is_stopped_once_and_leaves_a_group_that_can_be_deleted(tmp_path: Path) -> None:
    arn, path = make_group(), write_csv(tmp_path / "past.csv", past_of(TASTES))
    active(lambda: PLANE.ensure_import("job", dataset_group_arn=arn, location=path))

    def version() -> ResourceStatus:
        return PLANE.ensure_solution_version(
            "control",
            dataset_group_arn=arn,
            recipe="aws-user-personalization",
            hyperparameters={},
            event_weights={"purchase": 1.0, "product_view": 0.5},
        ).status

    assert PLANE.stop_training("control") is False
    while PLANE.find_solution_version("control") is None:
        version()

    stopped = PLANE.stop_training("control")

    # The trainer may have been faster.
    found = PLANE.find_solution_version("control")
    assert found is not None
    assert found.status is (ResourceStatus.STOPPED if stopped else ResourceStatus.ACTIVE)
    assert PLANE.stop_training("control") is False
    with pytest.raises(InvalidInput, match="other settings"):
        PLANE.ensure_solution_version(
            "control", dataset_group_arn=arn, recipe="aws-sims", hyperparameters={}, event_weights={}
        )
    while not PLANE.delete_dataset_group(arn):
        time.sleep(0.05)
    assert PLANE.find_dataset_group("control") is None
    assert client("s3").list_objects_v2(Bucket=BUCKET, Prefix="shop/control/").get("KeyCount") == 0


def test_hrnn_is_refused_where_amazon_itself_is_asked() -> None:
    hrnn = SolutionSettings("aws-hrnn", {}, {})
    hrnn.check()

    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("AWS_ENDPOINT_URL_PERSONALIZE")
        forget_clients()
        with pytest.raises(InvalidInput, match="Amazon has withdrawn it"):
            hrnn.check()
    forget_clients()


def test_settings_that_personalize_would_refuse_are_refused_before_they_are_sent() -> None:
    many = {f"type-{number}": 0.5 for number in range(11)}

    with pytest.raises(InvalidInput, match="11 event types"):
        SolutionSettings("aws-user-personalization", {}, many).check()
    with pytest.raises(InvalidInput, match="no such recipe"):
        SolutionSettings("aws-nothing", {}, {}).check()


def test_numbers_and_flags_go_as_text_each_where_amazon_looks_for_it() -> None:
    chosen = {"hidden_dimension": 43, "recency_mask": True, "max_user_history_length_percentile": 0.9}
    settings = SolutionSettings("aws-hrnn", chosen, {"purchase": 1})

    config = settings.config()

    described = {"recipeArn": "arn:aws:personalize:::recipe/aws-hrnn", "solutionConfig": config}
    assert settings.is_of(described)
    other = {**config, "featureTransformationParameters": {"max_user_history_length_percentile": "0.8"}}
    assert not settings.is_of({**described, "solutionConfig": other})
    assert config == {
        "algorithmHyperParameters": {"hidden_dimension": "43", "recency_mask": "true"},
        "featureTransformationParameters": {"max_user_history_length_percentile": "0.9"},
        "eventsConfig": {"eventParametersList": [{"eventType": "purchase", "weight": 1.0}]},
    }
