from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from experiments.cautions import find_cautions
from experiments.conf import now
from experiments.models import Experiment
from tests.factories.experiments import plan_experiment


@pytest.mark.parametrize(
    ("days", "fix"),
    [
        (3.0, "give 2 whole weeks at least"),
        (13.0, "give 2 whole weeks at least"),
        (13.7, None),
        (14.0, None),
        (17.0, "give whole weeks"),
        (20.7, None),
        (28.3, None),
        (-1.0, None),
    ],
)
def test_planned_end_of_too_few_or_broken_weeks_is_a_caution(
    experiment: Experiment, days: float, fix: str | None
) -> None:
    start_at = now()
    experiment.planned_end_at = start_at + timedelta(days=days)

    found = find_cautions(experiment, start_at=start_at)

    assert [field for field, _ in found] == (["planned_end_at"] if fix else [])
    assert all(fix in message for _, message in found if fix)


def test_caution_stands_on_the_page_of_a_draft(experiment: Experiment, sign_in: Callable[..., Client]) -> None:
    plan_experiment(experiment, planned_end_at=now() + timedelta(days=10, minutes=1))

    client = sign_in("view_experiment", "ramp_experiment")
    page = client.get(reverse("admin:experiments_experiment_ramp", args=[experiment.pk])).content.decode()

    assert "Planned end is 10 days after the start: give 2 whole weeks at least." in page
    assert "Before it can start" not in page
