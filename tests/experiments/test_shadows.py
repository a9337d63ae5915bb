from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from experiments import ramp, shadows
from experiments.conf import now
from experiments.exceptions import IllegalRamp
from experiments.models import Design, Experiment, Exposure, RampChange, Status
from experiments.testutils import reset_snapshot
from tests.experiments.conftest import KEY
from tests.factories.experiments import plan_experiment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def written_at_once(settings: Settings) -> None:
    settings.EXPOSURE_SINK = "experiments.exposures.insert_now"


def start_shadow() -> Experiment:
    made = shadows.start_shadow(KEY, primary_metric="conversion", actor="ann", reason="before the canary")
    reset_snapshot()
    return made


def test_shadow_is_a_running_copy_whose_variations_do_the_same(experiment: Experiment) -> None:
    made = start_shadow()

    first, second = made.variations.all()
    phase = made.phases.get()
    assert (made.key, made.design, made.status) == (f"{KEY}-aa-1", Design.AA, Status.RUNNING)
    assert first.payload == second.payload == {"rule": "popular"}
    assert (phase.coverage_bp, phase.read_weights()) == (10_000, (("control", 5000), ("same", 5000)))
    assert made.primary_metric == "homepage_ctr"
    assert made.planned_end_at is not None
    assert timedelta(days=13, hours=23) < made.planned_end_at - now() <= timedelta(days=14)
    experiment.refresh_from_db()
    assert experiment.status == Status.DRAFT


def test_shadow_exposes_whoever_the_page_shows_and_nobody_who_may_not_be_tracked(experiment: Experiment) -> None:
    made = start_shadow()

    for beside in (KEY, None, "another"):
        for n in range(200):
            shadows.record(beside, f"{beside}-{n}", at=now())
    shadows.record(KEY, "bot", at=now(), is_bot=True)
    shadows.record(KEY, "private", at=now(), has_consent=False)

    seen = Exposure.objects.filter(phase=made.phases.get())
    assert seen.count() == 400
    assert 150 < seen.filter(variation__key="same").count() < 250
    assert not seen.filter(unit__in=("bot", "private")).exists()


def test_shadow_that_ended_exposes_nobody(experiment: Experiment) -> None:
    made = start_shadow()
    ramp.complete(made.key, actor="ann", reason="two weeks are over")
    reset_snapshot()

    shadows.record(KEY, "shopper", at=now())

    assert shadows.find_shadows(KEY) == ()
    assert not Exposure.objects.exists()


def test_second_shadow_waits_for_the_first(experiment: Experiment) -> None:
    made = start_shadow()

    with pytest.raises(IllegalRamp) as refusal:
        start_shadow()
    ramp.complete(made.key, actor="ann", reason="enough")
    again = start_shadow()

    assert refusal.value.code == "already_running"
    assert "Complete it before another one." in str(refusal.value)
    assert again.key == f"{KEY}-aa-2"


def test_shadow_of_a_shadow_is_refused(experiment: Experiment) -> None:
    made = start_shadow()

    with pytest.raises(IllegalRamp) as refusal:
        shadows.start_shadow(made.key, primary_metric="conversion", actor="ann", reason="deeper")

    assert refusal.value.code == "shadow_of_shadow"
    assert RampChange.objects.count() == 1


def test_shadow_compares_what_is_measured_without_a_row_of_its_own(experiment: Experiment) -> None:
    plan_experiment(
        experiment, primary_metric="row_two_ctr", secondary_metrics=["row_two_seen", "conversion", "recommended_ctr"]
    )

    made = start_shadow()

    assert made.primary_metric == "conversion"
    assert made.secondary_metrics == ["recommended_ctr"]


def test_shadow_without_a_measurable_metric_is_refused(experiment: Experiment) -> None:
    plan_experiment(experiment, primary_metric="row_two_ctr")

    with pytest.raises(IllegalRamp, match="Name a metric of the whole page") as refusal:
        shadows.start_shadow(KEY, primary_metric="attributed_revenue", actor="ann", reason="before the canary")

    assert refusal.value.code == "unmeasurable"
    assert Experiment.objects.count() == 1
