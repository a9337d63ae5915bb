from typing import Any

import pytest

from tests.factories.wire import (
    INTERACTION_FIELDS,
    ROLE,
    refused,
    unique,
    wait_until_over,
    write_interactions,
    write_items,
)
from tests.factories.wire_groups import Group, Trained
from tests.wire_server import WireServer


@pytest.fixture(scope="module")
def datasets(personalize: Any, plain: Group) -> dict[str, str]:
    listed = personalize.list_datasets(datasetGroupArn=plain.arn)["datasets"]
    return {each["datasetType"]: each["datasetArn"] for each in listed}


def _import(personalize: Any, dataset: str, location: str, **more: Any) -> Any:
    given = {"jobName": unique("import"), "datasetArn": dataset, "roleArn": ROLE}
    return personalize.create_dataset_import_job(**{**given, "dataSource": {"dataLocation": location}, **more})


def test_import_becomes_active_and_is_described(personalize: Any, trained: Trained) -> None:
    listed = personalize.list_dataset_import_jobs(datasetArn=trained.interactions)["datasetImportJobs"]

    job = personalize.describe_dataset_import_job(datasetImportJobArn=listed[-1]["datasetImportJobArn"])

    described = job["datasetImportJob"]
    assert described["status"] == "ACTIVE"
    assert described["datasetArn"] == trained.interactions
    assert described["dataSource"]["dataLocation"].endswith("/trained/interactions.csv")
    assert (described["roleArn"], described["importMode"]) == (ROLE, "FULL")


def test_import_of_a_file_without_a_column_fails_in_amazons_words(
    plain: Group, datasets: dict[str, str], wire_server: WireServer
) -> None:
    file = wire_server.data / "short.csv"
    file.write_text("USER_ID,ITEM_ID\nu,i\n")

    described = plain.run_import(datasets["INTERACTIONS"], file)

    assert described["status"] == "CREATE FAILED"
    assert "Input CSV is missing the following columns:[TIMESTAMP, EVENT_TYPE]" in described["failureReason"]


def test_import_of_too_few_interactions_fails(plain: Group, datasets: dict[str, str], wire_server: WireServer) -> None:
    file = write_interactions(wire_server.data / "few.csv", n_users=99, n_each=10)

    described = plain.run_import(datasets["INTERACTIONS"], file)

    assert described["status"] == "CREATE FAILED"
    assert "1000 interactions" in described["failureReason"]


def test_import_of_a_row_that_breaks_the_schema_names_line_and_column(
    plain: Group, datasets: dict[str, str], wire_server: WireServer
) -> None:
    file = write_items(wire_server.data / "wrong_items.csv")
    file.write_text(file.read_text().replace("item-3,action|all,3", "item-3,action|all,cheap"))

    described = plain.run_import(datasets["ITEMS"], file)

    assert described["status"] == "CREATE FAILED"
    assert "Line 5" in described["failureReason"]
    assert "PRICE" in described["failureReason"]


def test_import_of_a_file_that_is_not_there_fails(
    plain: Group, datasets: dict[str, str], wire_server: WireServer
) -> None:
    described = plain.run_import(datasets["ITEMS"], wire_server.data / "nothing.csv")

    assert described["status"] == "CREATE FAILED"
    assert "nothing.csv" in described["failureReason"]


@pytest.mark.parametrize(
    "location",
    [
        "file:///etc/passwd",
        "file://{data}/../secret.csv",
        "http://169.254.169.254/latest/meta-data",
        "s3://bucket/x.csv",
    ],
)
def test_import_reads_from_nowhere_that_is_not_allowed(
    personalize: Any, datasets: dict[str, str], wire_server: WireServer, location: str
) -> None:
    before = personalize.list_dataset_import_jobs(datasetArn=datasets["ITEMS"])["datasetImportJobs"]

    with refused("InvalidInputException", "dataSource.dataLocation"):
        _import(personalize, datasets["ITEMS"], location.format(data=wire_server.data))

    assert personalize.list_dataset_import_jobs(datasetArn=datasets["ITEMS"])["datasetImportJobs"] == before


def test_import_of_wrong_input_is_refused(
    personalize: Any, datasets: dict[str, str], trained: Trained, wire_server: WireServer
) -> None:
    location = f"file://{wire_server.data}/items.csv"
    taken = personalize.list_dataset_import_jobs(datasetArn=trained.items)["datasetImportJobs"][0]["jobName"]

    with refused("InvalidInputException", "roleArn"):
        _import(personalize, datasets["ITEMS"], location, roleArn="PersonalizeRole")
    with refused("InvalidInputException", "importMode"):
        _import(personalize, datasets["ITEMS"], location, importMode="SOME")
    with refused("InvalidInputException", "dataSource.dataLocation"):
        _import(personalize, datasets["ITEMS"], location, dataSource={})
    with refused("ResourceNotFoundException", "/of/nobody"):
        _import(personalize, datasets["ITEMS"] + "/of/nobody", location)
    with refused("ResourceAlreadyExistsException", taken):
        _import(personalize, datasets["ITEMS"], location, jobName=taken)


def test_import_that_adds_keeps_what_was_there(personalize: Any, runtime: Any, wire_server: WireServer) -> None:
    group = Group.make(personalize)
    dataset = group.dataset("Interactions", INTERACTION_FIELDS)
    added = wire_server.data / "added.csv"
    liked = [f"item-{number}" for number in range(10)]
    lines = [f"newcomer-{number},{liked[number % 10]},1800000000,view" for number in range(1000)]
    added.write_text("\n".join(["USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE", *lines]) + "\n")
    first = group.run_import(dataset, write_interactions(wire_server.data / "first.csv"))

    second = group.run_import(dataset, added, importMode="INCREMENTAL")

    assert (first["status"], second["status"]) == ("ACTIVE", "ACTIVE")
    assert second["importMode"] == "INCREMENTAL"
    version = group.train(group.solution("aws-popularity-count"))
    campaign = group.campaign(version["solutionVersionArn"])
    listed = runtime.get_recommendations(campaignArn=campaign, userId="anybody", numResults=100)["itemList"]
    assert {each["itemId"] for each in listed[:10]} == set(liked)
    assert len(listed) == 100
    group.delete()


def test_imports_that_wait_have_a_limit(personalize: Any, datasets: dict[str, str], wire_server: WireServer) -> None:
    file = write_interactions(wire_server.data / "slow.csv", n_users=1500, n_each=40)

    with refused("LimitExceededException", "More than 5 resources with PENDING or IN_PROGRESS status"):
        for _ in range(200):
            _import(personalize, datasets["INTERACTIONS"], f"file://{file}")

    with refused("ResourceInUseException", "import"):
        personalize.delete_dataset(datasetArn=datasets["INTERACTIONS"])
    for job in personalize.list_dataset_import_jobs(datasetArn=datasets["INTERACTIONS"])["datasetImportJobs"]:
        arn = job["datasetImportJobArn"]
        wait_until_over(personalize.describe_dataset_import_job, "datasetImportJob", datasetImportJobArn=arn)
