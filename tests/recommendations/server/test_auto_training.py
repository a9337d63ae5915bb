from datetime import timedelta

import pytest

from recommendations import conf
from recommendations.models.resources import Dataset, DatasetGroup, DatasetImportJob, Solution, SolutionVersion, Status
from recommendations.server.auto_training import AUTOTRAIN, days_between, train_automatically
from recommendations.server.wire.faults import ApiFault

pytestmark = pytest.mark.django_db


@pytest.fixture
def solution() -> Solution:
    now = conf.now()
    common = {"status": Status.ACTIVE, "created_at": now, "updated_at": now}
    group = DatasetGroup.objects.create(arn="arn:group", name="auto", **common)
    dataset = Dataset.objects.create(arn="arn:dataset", dataset_group=group, **common)
    DatasetImportJob.objects.create(arn="arn:job", dataset=dataset, job_name="job", location="x", **common)
    every = {"autoTrainingConfig": {"schedulingExpression": "rate(3 days)"}}
    settings = {"performAutoTraining": True, "solutionConfig": every}
    return Solution.objects.create(
        arn="arn:solution", dataset_group=group, name="auto", recipe="aws-sims", settings=settings, **common
    )


def _end(solution: Solution, *, days_ago: float) -> None:
    made = conf.now() - timedelta(days=days_ago)
    solution.versions.update(status=Status.FAILED, failure_reason="Create failed.", created_at=made)


def test_solution_is_trained_again_once_its_newest_version_is_old_enough(solution: Solution) -> None:
    first = (train_automatically(), train_automatically())
    _end(solution, days_ago=2.9)
    early = train_automatically()
    _end(solution, days_ago=3.1)
    second = train_automatically()

    assert (first, early, second) == ((1, 0), 0, 1)
    assert set(solution.versions.values_list("training_mode", "wants_metrics")) == {(AUTOTRAIN, True)}


def test_solution_is_not_trained_before_there_are_data_or_where_it_did_not_ask(solution: Solution) -> None:
    DatasetImportJob.objects.update(status=Status.IN_PROGRESS)
    without_data = train_automatically()
    DatasetImportJob.objects.update(status=Status.ACTIVE)
    solution.settings = {"performAutoTraining": False}
    solution.save()

    assert (without_data, train_automatically()) == (0, 0)
    assert not SolutionVersion.objects.exists()


def test_days_between_trainings_are_seven_where_nothing_is_said() -> None:
    assert days_between({}) == 7
    assert days_between({"schedulingExpression": "rate(1 day)"}) == 1
    for wrong in ("rate(0 days)", "rate(31 days)", "cron(0 0 * * ? *)"):
        with pytest.raises(ApiFault, match="schedulingExpression"):
            days_between({"schedulingExpression": wrong})
