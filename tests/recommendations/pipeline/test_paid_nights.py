"""A retrain where everything costs: each act written once, one open campaign at its end, a budget that stops it."""

from dataclasses import replace

import pytest
from pytest_django import Settings

from recommendations.adapters import ledger, registry
from recommendations.adapters.embedded.backend import EMBEDDED
from recommendations.adapters.paid import PaidControlPlane
from recommendations.models import LiveCampaign, PaidAct, RetrainRun
from recommendations.pipeline.states import RetrainStatus
from tests.factories.retraining import advance_to, make_past, retrain

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calm_world")]


@pytest.fixture(autouse=True)
def billing(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """The embedded backend as if it cost money, with a drain that is over at once."""
    backend = replace(EMBEDDED, control=PaidControlPlane(EMBEDDED.control), bills=True)
    monkeypatch.setitem(registry.BACKENDS, "embedded", backend)
    settings.DRAIN_S = 0


def acts_of(run: RetrainRun) -> list[str]:
    return sorted(PaidAct.objects.filter(group_name=run.resource_name).values_list("kind", flat=True))


def test_night_writes_each_of_its_acts_once() -> None:
    make_past()

    run = retrain()

    assert acts_of(run) == ["campaign", "import", "import", "import", "training"]
    training = PaidAct.objects.get(kind=PaidAct.Kind.TRAINING)
    assert training.n_rows == run.report["export"]["n_rows"]
    assert training.owner == "home"


def test_second_night_leaves_one_campaign_open() -> None:
    make_past()
    retrain()

    second = retrain()

    assert [act.name for act in ledger.open_campaigns()] == [second.resource_name]
    assert LiveCampaign.objects.get().campaign_arn.endswith(f"/{second.resource_name}")


def test_night_beyond_the_budget_fails_with_the_sum_and_the_live_campaign_stays(settings: Settings) -> None:
    make_past()
    first = retrain()
    settings.PERSONALIZE_MONTHLY_BUDGET_USD = 0.5

    run = advance_to(RetrainStatus.FAILED)

    assert "of 0.50. Raise PERSONALIZE_MONTHLY_BUDGET_USD" in run.failure_reason
    assert "The live campaign stays." in run.failure_fix
    assert acts_of(run) == []
    assert LiveCampaign.objects.get().campaign_arn.endswith(f"/{first.resource_name}")
