from dataclasses import replace
from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from experiments.conf import now
from experiments.definitions import ensure_experiment
from experiments.models import Design, Experiment, Snapshot
from experiments.report.build import build_report
from experiments.report.overview import decide_all
from tests.experiments.conftest import VARIATIONS
from tests.experiments.report.conftest import BETTER, SAME, WORSE, redesign
from tests.experiments.report.test_build import BIG, break_limit
from tests.factories.experiments import plan_experiment
from tests.factories.snapshots import Past, live


def plan_another(place: int) -> Experiment:
    """One beside the first, with the same plan."""
    made = ensure_experiment(key=f"other-{place}", name="Other", flag_name=f"other_{place}", variations=VARIATIONS)
    guardrails = [{"metric": "orders", "margin": 0.1}, {"metric": "latency", "margin": 0.15}]
    return plan_experiment(made, primary_metric="conversion", secondary_metrics=["revenue"], guardrails=guardrails)


def list_all() -> list[Experiment]:
    return list(Experiment.objects.prefetch_related("variations").order_by("pk"))


def test_overview_decides_each_as_its_report_does(planned: Experiment) -> None:
    pasts = [
        replace(BIG, outcomes=SAME),
        replace(BIG, outcomes=WORSE),
        replace(BIG, outcomes=BETTER, split={"treatment": 0.9}),
        replace(BIG, outcomes=BETTER, is_final=True),
        Past(outcomes=SAME),
    ]
    live(planned, replace(BIG, outcomes=BETTER))
    break_limit("row_errors")
    for place, past in enumerate(pasts):
        live(plan_another(place), past)
    live(redesign(plan_another(10), Design.AA), replace(BIG, outcomes=SAME))
    live(redesign(plan_another(11), Design.INTERLEAVING), replace(BIG, interleaving=(400, 600, 200)))
    twice = plan_another(12)
    live(twice, replace(BIG, outcomes=WORSE, is_final=True), until=now() - timedelta(days=60))
    live(twice, replace(BIG, outcomes=BETTER))

    found = decide_all(list_all())

    told = {each.pk: build_report(each.key).decision for each in list_all()}
    assert found == told
    assert sorted(decision.outcome for decision in found.values()) == [
        *("do not ship", "do not ship", "do not ship", "invalid", "keep running", "no difference", "preferred"),
        *("ship", "ship"),
    ]


def test_overview_leaves_out_what_has_no_snapshot(planned: Experiment) -> None:
    live(planned, Past(days=3))
    plan_another(0)
    Snapshot.objects.all().delete()

    assert decide_all(list_all()) == {}


@pytest.mark.parametrize("n_others", [1, 6])
def test_overview_takes_as_many_queries_for_many_as_for_one(
    planned: Experiment, django_assert_max_num_queries: DjangoAssertNumQueries, n_others: int
) -> None:
    live(planned, replace(BIG, outcomes=BETTER))
    for place in range(n_others):
        live(plan_another(place), Past(outcomes=SAME))
    experiments = list_all()

    with django_assert_max_num_queries(5) as asked:
        found = decide_all(experiments)

    assert len(found) == n_others + 1
    assert not any('"segments"' in query["sql"] for query in asked.captured_queries)
