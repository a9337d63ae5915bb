"""The draft of the demo can be started as it is, and shows each half of its shoppers another campaign."""

from datetime import timedelta

import pytest
from django.conf import settings

from experiments import ramp
from experiments.models import Experiment, Status
from experiments.plan import find_faults
from recommendations.ports import Shopper
from storefront.page_view import PageView
from storefront.second_row.payloads import FromRotation, read_payload
from storefront.simulation.experiments import draft

pytestmark = pytest.mark.django_db


def test_draft_may_start_as_it_is() -> None:
    draft.ensure_rotation()

    experiment = draft.ensure_draft()

    weights = (("control", 5_000), ("treatment", 5_000))
    assert experiment.status == Status.DRAFT
    assert find_faults(experiment, weights_bp=weights, start_at=settings.CLOCK.now()) == []


def test_draft_is_made_once_and_keeps_what_somebody_changed() -> None:
    draft.ensure_draft()
    Experiment.objects.filter(key=draft.KEY).update(change="Mine.")

    draft.ensure_draft()

    assert Experiment.objects.get(key=draft.KEY).change == "Mine."


def test_draft_that_waited_too_long_gets_another_end_and_a_running_one_does_not() -> None:
    draft.ensure_draft()
    past = settings.CLOCK.now() - timedelta(days=1)
    Experiment.objects.filter(key=draft.KEY).update(planned_end_at=past)

    moved = draft.ensure_draft().planned_end_at
    ramp.start(draft.KEY, actor="ann", reason="canary")
    Experiment.objects.filter(key=draft.KEY).update(planned_end_at=past)
    draft.ensure_draft()

    assert moved is not None
    assert moved > settings.CLOCK.now() + timedelta(days=27)
    assert Experiment.objects.get(key=draft.KEY).planned_end_at == past


def test_started_draft_gives_its_shoppers_either_campaign() -> None:
    rotation = draft.ensure_rotation()
    draft.ensure_draft()

    ramp.start(draft.KEY, coverage_bp=10_000, actor="ann", reason="everybody")

    wanted = {
        view.variation: read_payload(view.payload)
        for view in (PageView(Shopper(f"shopper-{number}", "s1")).assignment for number in range(50))
    }
    assert wanted == {"control": FromRotation("home"), "treatment": FromRotation(rotation.key)}
