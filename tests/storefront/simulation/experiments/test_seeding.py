"""The finished experiment went through the shop's own code, and its page finds what was planted."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import pairwise

import pytest
from django.conf import settings
from django.core.management import call_command

from experiments.models import Experiment, Exposure, Phase, RampAction, Status
from experiments.report.build import build_report
from experiments.testutils import reset_snapshot
from recommendations.models import Impression, Interaction, RecommendationServed
from storefront.origin import OriginMixed
from storefront.simulation.experiments.finished import KEY
from storefront.simulation.experiments.parameters import TrialParameters
from storefront.simulation.experiments.seeding import find_start, seed_finished_experiment
from tests.storefront.imports.shop_files import FEES, ITEM_COLUMNS, write_items

pytestmark = pytest.mark.django_db


def ignore(_share: float, _note: str) -> None: ...


def seed(parameters: TrialParameters | None = None) -> None:
    call_command("seed_catalog", size="small", stdout=StringIO())
    reset_snapshot()
    assert seed_finished_experiment(parameters or TrialParameters(), report=ignore) is not None


def test_results_say_ship_and_their_interval_covers_what_was_planted() -> None:
    seed()

    report = build_report(KEY)

    assert report.is_simulated
    assert report.is_final
    assert report.decision is not None
    assert report.decision.outcome == "ship", report.decision.reason
    primary = report.metrics[0]
    assert primary.key == "homepage_ctr"
    found = primary.comparisons[0].shift
    assert found is not None
    assert found.relative_interval is not None
    low, high = found.relative_interval.low, found.relative_interval.high
    assert low is not None
    assert high is not None
    assert 0 < low < TrialParameters().planted_effect < high
    conversion = next(metric for metric in report.metrics if metric.key == "conversion").comparisons[0]
    assert conversion.finding == "undecided"


def test_ramp_was_gone_through_by_the_controller_at_its_own_times() -> None:
    seed(TrialParameters(n_shoppers=1_500))

    experiment = Experiment.objects.get(key=KEY)
    changes = list(experiment.ramp_changes.order_by("pk"))
    assert experiment.status == Status.COMPLETED
    assert [change.action for change in changes] == [
        RampAction.START,
        *[RampAction.ADVANCE] * 3,
        RampAction.COMPLETE,
    ]
    assert {change.actor for change in changes[1:]} == {"ramp controller"}
    ended_at = changes[-1].at
    assert 35 <= (settings.CLOCK.now() - ended_at).days <= 42
    assert (ended_at - changes[0].at).days == 28
    pauses = [later.at - earlier.at for earlier, later in pairwise(changes[:-1])]
    assert all(pause >= timedelta(hours=24) for pause in pauses)


@pytest.mark.parametrize("days", range(14))
def test_experiment_began_on_the_same_day_of_the_week_whenever_a_demo_is_made(days: int) -> None:
    now = datetime(2026, 11, 22, 17, 30, tzinfo=UTC) + timedelta(days=days)

    starts_at = find_start(TrialParameters(days=28, ended_days_ago=35), now)

    assert starts_at == datetime(2026, 9, 20 if days < 7 else 27, tzinfo=UTC)


def test_every_shopper_kept_one_variation_and_left_what_a_real_one_leaves() -> None:
    seed(TrialParameters(n_shoppers=1_500))

    phase = Phase.objects.get(experiment__key=KEY)
    exposures = Exposure.objects.filter(phase=phase)
    assert exposures.count() > 500
    assert not exposures.filter(is_crossover=True).exists()
    keys = set(exposures.values_list("unit", flat=True))
    for rows in (Interaction.objects, RecommendationServed.objects, Impression.objects):
        left = set(rows.values_list("shopper_key", flat=True))
        assert left
        assert left <= keys
    assert all(key.startswith(settings.UNTRAINED_PREFIXES) for key in keys)
    assert exposures.filter(first_at__gte=phase.ended_at).count() == 0


def test_equal_worlds_have_equal_results() -> None:
    few = TrialParameters(n_shoppers=400)
    seed(few)
    first = build_report(KEY).n_units
    again = sorted(Exposure.objects.values_list("unit", "variation__key"))

    assert first == len(again)
    assert [variation for _, variation in again].count("control") == pytest.approx(first / 2, abs=40)
    assert seed_finished_experiment(few, report=ignore) is None
    assert Exposure.objects.count() == first


def test_an_imported_world_gets_no_simulated_experiment(tmp_path_factory: pytest.TempPathFactory) -> None:
    items = write_items(tmp_path_factory.mktemp("shop"))
    call_command("import_catalog", str(items), *ITEM_COLUMNS, *FEES, stdout=StringIO())

    with pytest.raises(OriginMixed):
        seed_finished_experiment(TrialParameters(n_shoppers=10), report=ignore)

    assert not Experiment.objects.exists()
