from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from experiments.models import Design, Experiment, RampChange
from tests.experiments.admin.conftest import RAMPER, read

SignIn = Callable[..., Client]

pytestmark = pytest.mark.urls("tests.experiments.urls")


def aa_url(experiment: Experiment) -> str:
    return reverse("admin:experiments_experiment_aa", args=[experiment.pk])


def test_aa_test_asks_for_a_reason_and_then_runs(experiment: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*RAMPER, "add_experiment")

    asked = read(client.get(aa_url(experiment)))
    refused = client.post(aa_url(experiment), {"reason": " "})
    done = read(client.post(aa_url(experiment), {"reason": "before the canary"}, follow=True))

    assert "whose two variations both do what Old homepage does" in asked
    assert refused.status_code == 400
    assert "It must find no difference." in done
    assert "A/A of Recommended For You" in done
    change = RampChange.objects.get()
    assert (change.experiment.design, change.actor, change.reason) == (Design.AA, "ann", "before the canary")


def test_aa_test_by_two_clicks_is_one(experiment: Experiment, sign_in: SignIn) -> None:
    client = sign_in(*RAMPER, "add_experiment")

    client.post(aa_url(experiment), {"reason": "before the canary"})
    again = client.post(aa_url(experiment), {"reason": "before the canary"})

    assert again.status_code == 409
    assert "runs already. Complete it before another one." in read(again)
    assert Experiment.objects.filter(design=Design.AA).count() == 1


@pytest.mark.parametrize("permissions", [RAMPER, ("view_experiment", "add_experiment")])
def test_aa_test_needs_both_permissions(experiment: Experiment, sign_in: SignIn, permissions: tuple[str, ...]) -> None:
    client = sign_in(*permissions)

    response = client.post(aa_url(experiment), {"reason": "x"})

    assert response.status_code == 403
    assert not Experiment.objects.filter(design=Design.AA).exists()
