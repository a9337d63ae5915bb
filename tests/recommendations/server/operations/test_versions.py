import time
from typing import Any

import pytest

from recommendations.engine.evaluation.asking import METRICS
from tests.factories.wire import INTERACTION_FIELDS, refused, unique, wait_until_over, write_interactions
from tests.factories.wire_groups import Group, Trained
from tests.wire_server import WireServer


def test_version_has_amazons_metrics(personalize: Any, trained: Trained) -> None:
    answer = personalize.get_solution_metrics(solutionVersionArn=trained.version)

    assert answer["solutionVersionArn"] == trained.version
    assert set(answer["metrics"]) >= {*METRICS, "coverage"}
    assert all(0 <= value <= 1 for value in answer["metrics"].values())


def test_version_is_described_and_listed(personalize: Any, trained: Trained) -> None:
    described = personalize.describe_solution_version(solutionVersionArn=trained.version)["solutionVersion"]

    assert (described["status"], described["trainingMode"]) == ("ACTIVE", "FULL")
    assert (described["solutionArn"], described["datasetGroupArn"]) == (trained.solution, trained.group.arn)
    assert described["trainingHours"] > 0
    listed = personalize.list_solution_versions(solutionArn=trained.solution)["solutionVersions"]
    assert trained.version in {each["solutionVersionArn"] for each in listed}


def test_version_without_data_fails_with_its_reason(personalize: Any) -> None:
    empty = Group.make(personalize)
    solution = empty.solution("aws-popularity-count")

    version = empty.train(solution)

    arn = version["solutionVersionArn"]
    assert version["status"] == "CREATE FAILED"
    assert "no imported interactions" in version["failureReason"]
    with refused("InvalidInputException", "CREATE FAILED"):
        personalize.create_campaign(name=unique("campaign"), solutionVersionArn=arn, minProvisionedTPS=1)
    with refused("ResourceInUseException", "CREATE FAILED"):
        personalize.get_solution_metrics(solutionVersionArn=arn)
    with refused("InvalidInputException", "UPDATE"):
        personalize.create_solution_version(solutionArn=solution, trainingMode="UPDATE")
    empty.delete()


def test_version_of_too_few_events_of_its_type_fails_in_amazons_words(personalize: Any, trained: Trained) -> None:
    solution = trained.group.solution("aws-popularity-count", eventType="buy")

    version = trained.group.train(solution)

    assert version["status"] == "CREATE FAILED"
    assert "fewer than 1000 interactions after filtering" in version["failureReason"]
    personalize.delete_solution(solutionArn=solution)


@pytest.mark.parametrize(
    ("n_twice", "n_once", "reason"),
    [
        (24, 1000, "Dataset has fewer than 25 users with at least 2 interactions each."),
        (26, 2800, "Dataset has fewer than 1% of users with at least 2 interactions each."),
    ],
)
def test_version_of_too_few_users_fails_in_amazons_words(
    personalize: Any, wire_server: WireServer, n_twice: int, n_once: int, reason: str
) -> None:
    sparse = Group.make(personalize, "sparse")
    dataset = sparse.dataset("Interactions", INTERACTION_FIELDS)
    rows = [f"twice-{user},item-{item},{1_700_000_000 + item},view" for user in range(n_twice) for item in (1, 2)]
    rows += [f"once-{user},item-{user % 9},1700000000,view" for user in range(n_once)]
    file = wire_server.data / "sparse.csv"
    file.write_text("\n".join(["USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE", *rows]))
    assert sparse.run_import(dataset, file)["status"] == "ACTIVE"

    version = sparse.train(sparse.solution("aws-popularity-count"))

    assert (version["status"], version["failureReason"]) == ("CREATE FAILED", f"Create failed. {reason}")
    sparse.delete()


def test_version_that_updates_another_becomes_active(personalize: Any, trained: Trained) -> None:
    solution = trained.group.solution("aws-popularity-count")
    first = trained.group.train(solution, name="first")

    second = trained.group.train(solution, name="second", trainingMode="UPDATE")

    assert (first["status"], second["status"]) == ("ACTIVE", "ACTIVE")
    assert (second["name"], second["trainingMode"]) == ("second", "UPDATE")
    assert second["solutionVersionArn"] == f"{solution}/second"
    with refused("ResourceAlreadyExistsException", "second"):
        personalize.create_solution_version(solutionArn=solution, name="second")
    personalize.delete_solution(solutionArn=solution)


def test_version_with_optimisation_tells_what_it_chose_from_the_ranges(personalize: Any, trained: Trained) -> None:
    ranges = {
        "integerHyperParameterRanges": [{"name": "window", "minValue": 3, "maxValue": 5}],
        "continuousHyperParameterRanges": [{"name": "popularity_discount", "minValue": 0.1, "maxValue": 0.2}],
    }
    config = {"hpoResourceConfig": {"maxNumberOfTrainingJobs": "3"}, "algorithmHyperParameterRanges": ranges}
    given = {"window": "4", "popularity_discount": "0.15"}
    solution = trained.group.solution(
        performHPO=True, solutionConfig={"hpoConfig": config, "algorithmHyperParameters": given}
    )

    version = trained.group.train(solution)

    assert (version["status"], version["performHPO"]) == ("ACTIVE", True)
    chosen = version["tunedHPOParams"]["algorithmHyperParameters"]
    assert set(chosen) == {"window", "popularity_discount"}
    assert 3 <= int(chosen["window"]) <= 5
    assert 0.1 <= float(chosen["popularity_discount"]) <= 0.2
    assert (
        "tunedHPOParams"
        not in personalize.describe_solution_version(solutionVersionArn=trained.version)["solutionVersion"]
    )
    personalize.delete_solution(solutionArn=solution)


def test_version_is_trained_by_itself_where_its_solution_asks_for_it(personalize: Any, trained: Trained) -> None:
    every = {"autoTrainingConfig": {"schedulingExpression": "rate(1 day)"}}
    solution = trained.group.solution("aws-popularity-count", performAutoTraining=True, solutionConfig=every)

    deadline = time.monotonic() + 60
    while not (listed := personalize.list_solution_versions(solutionArn=solution)["solutionVersions"]):
        assert time.monotonic() < deadline, "Nothing is trained."
        time.sleep(0.1)
    version = wait_until_over(
        personalize.describe_solution_version,
        "solutionVersion",
        solutionVersionArn=listed[0]["solutionVersionArn"],
    )

    assert (version["status"], version["trainingType"]) == ("ACTIVE", "AUTOMATIC")
    assert personalize.describe_solution(solutionArn=solution)["solution"]["performAutoTraining"] is True
    assert len(personalize.list_solution_versions(solutionArn=solution)["solutionVersions"]) == 1
    personalize.update_solution(solutionArn=solution, performAutoTraining=False)
    assert personalize.describe_solution(solutionArn=solution)["solution"]["performAutoTraining"] is False
    personalize.delete_solution(solutionArn=solution)


def test_version_of_wrong_input_is_refused(personalize: Any, trained: Trained) -> None:
    with refused("InvalidInputException", "trainingMode"):
        personalize.create_solution_version(solutionArn=trained.solution, trainingMode="SOMETIMES")
    with refused("InvalidInputException", "AUTOTRAIN"):
        personalize.create_solution_version(solutionArn=trained.solution, trainingMode="AUTOTRAIN")
    with refused("ResourceNotFoundException", trained.solution + "x"):
        personalize.create_solution_version(solutionArn=trained.solution + "x")
    with refused("InvalidInputException", "ACTIVE"):
        personalize.stop_solution_version_creation(solutionVersionArn=trained.version)


def test_training_goes_on_after_its_trainer_was_killed_and_can_be_stopped(
    personalize: Any, wire_server: WireServer, trained: Trained
) -> None:
    slow = {"solutionConfig": {"algorithmHyperParameters": {"hidden_dimension": "64"}}}
    solution = trained.group.solution("aws-hrnn", **slow)
    killed, stopped = (
        personalize.create_solution_version(solutionArn=solution, name=name)["solutionVersionArn"]
        for name in ("killed", "stopped")
    )
    _wait_until_in_progress(personalize, killed)

    wire_server.kill_child("trainings")

    with refused("ResourceInUseException", "trained"):
        personalize.delete_solution(solutionArn=solution)
    personalize.stop_solution_version_creation(solutionVersionArn=stopped)
    described = wait_until_over(personalize.describe_solution_version, "solutionVersion", solutionVersionArn=killed)
    assert described["status"] == "ACTIVE", described
    after = personalize.describe_solution_version(solutionVersionArn=stopped)["solutionVersion"]
    assert after["status"] == "CREATE STOPPED"
    personalize.delete_solution(solutionArn=solution)


def _wait_until_in_progress(personalize: Any, version: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        described = personalize.describe_solution_version(solutionVersionArn=version)["solutionVersion"]
        if described["status"] == "CREATE IN_PROGRESS":
            return
        assert described["status"] == "CREATE PENDING", described
        time.sleep(0.02)
    raise AssertionError("Nobody trains it.")


def test_version_becomes_active_although_the_server_was_restarted(
    personalize: Any, wire_server: WireServer, trained: Trained, runtime: Any
) -> None:
    solution = trained.group.solution("aws-popularity-count")
    version = personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"]
    write_interactions(wire_server.data / "restart.csv")
    job = trained.group.start_import(trained.interactions, wire_server.data / "restart.csv")

    wire_server.stop()
    wire_server.start()

    described = wait_until_over(personalize.describe_solution_version, "solutionVersion", solutionVersionArn=version)
    imported = wait_until_over(personalize.describe_dataset_import_job, "datasetImportJob", datasetImportJobArn=job)
    assert (described["status"], imported["status"]) == ("ACTIVE", "ACTIVE")
    assert runtime.get_recommendations(campaignArn=trained.campaign, userId="user-1")["itemList"]
    personalize.delete_solution(solutionArn=solution)
