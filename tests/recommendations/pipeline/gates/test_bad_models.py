"""Every bad model is stopped before the swap, by name, and the live campaign stays; a good one passes every gate."""

import csv
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from catalog.models import Product
from recommendations import items
from recommendations.adapters.embedded import fitting, training
from recommendations.adapters.embedded.datasets import Datasets, Excluded, read_datasets
from recommendations.engine.base import Recommender
from recommendations.engine.recipes import build_recommender
from recommendations.items import CatalogueItem, catalogue_items
from recommendations.models import LiveCampaign, RetrainRun, Rotation
from recommendations.models.resources import DatasetGroup
from recommendations.pipeline import offline
from recommendations.pipeline.gates.bounds import GATES
from recommendations.pipeline.gates.results import GateResult, Verdict, gate_results
from recommendations.pipeline.states import RetrainStatus
from recommendations.pipeline.steps.export import export_path
from tests.factories.gates import age_live_data, make_new_day, make_tasteful_past
from tests.factories.retraining import advance_to, retrain

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("calm_world")]


@pytest.fixture
def skus() -> list[str]:
    """A live campaign of a good model, and a day of interactions since."""
    skus = make_tasteful_past()
    retrain()
    age_live_data()
    make_new_day(skus)
    return skus


def results(run: RetrainRun) -> dict[str, GateResult]:
    return {each.gate: each for each in gate_results(run.report)}


def failed_gates(run: RetrainRun) -> set[str]:
    return {name for name, each in results(run).items() if each.verdict is Verdict.FAILED}


def assert_stopped(*gates: str) -> RetrainRun:
    """The run fails at the gates, says so, and leaves the live campaign."""
    before = LiveCampaign.objects.get()
    run = advance_to(RetrainStatus.FAILED)
    assert failed_gates(run) >= set(gates), results(run)
    for gate in gates:
        assert f"Gate {gate}:" in run.failure_reason
    assert "live campaign stays" in run.failure_fix
    after = LiveCampaign.objects.get()
    assert (after.campaign_arn, after.version) == (before.campaign_arn, before.version)
    return run


def popularity(*_given: object, **_named: object) -> Recommender:
    return build_recommender("aws-popularity-count", None, None)


def test_good_model_passes_every_gate(skus: list[str]) -> None:
    run = retrain()

    verdicts = {name: each.verdict for name, each in results(run).items()}
    assert verdicts == dict.fromkeys(GATES, Verdict.PASSED) | {"row_count": Verdict.NOT_JUDGED}
    against_live = run.report["evaluate"]["against_live"]
    assert against_live["n_cases"] >= 30
    assert against_live["difference"][2] > 0


def test_first_model_is_judged_by_what_there_is() -> None:
    make_tasteful_past()

    run = retrain()

    judged = {name for name, each in results(run).items() if each.verdict is Verdict.PASSED}
    assert judged == {"schema_errors", "heartbeat", "coverage", "popularity"}


def test_popularity_only_model_is_stopped_as_it_is_measured(skus: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (fitting, offline):
        monkeypatch.setattr(module, "build_recommender", popularity)

    run = assert_stopped("offline_paired", "offline_drop")

    assert run.failure_step == RetrainStatus.EVALUATE


def test_popularity_only_campaign_is_stopped_by_what_it_shows(skus: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "build_recommender", popularity)

    run = assert_stopped("coverage", "popularity")

    assert run.failure_step == RetrainStatus.HEARTBEAT


def test_shuffled_labels_are_stopped(skus: list[str]) -> None:
    run = advance_to(RetrainStatus.IMPORT)
    path = export_path(run)
    with path.open(newline="") as file:
        header, *rows = csv.reader(file)
    item_ids = np.random.default_rng(0).permutation([row[1] for row in rows]).tolist()
    shuffled = [[row[0], item_id, *row[2:]] for row, item_id in zip(rows, item_ids, strict=True)]
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *shuffled])

    assert_stopped("offline_drop")


def test_shuffled_campaign_is_stopped_by_what_it_shows(skus: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def shuffled(group: DatasetGroup, excluded: Excluded) -> Datasets:
        datasets = read_datasets(group, excluded)
        items = np.random.default_rng(0).permutation(datasets.interactions.items)
        return replace(datasets, interactions=replace(datasets.interactions, items=items))

    monkeypatch.setattr(training, "read_datasets", shuffled)

    assert_stopped("overlap")


def test_model_of_one_day_is_stopped(skus: list[str]) -> None:
    Rotation.objects.update(window_days=1)

    run = assert_stopped("offline_paired")

    assert run.report["export"]["data"]["window_days"] == 1


def test_model_of_a_third_of_the_catalogue_is_stopped(skus: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def third() -> Iterator[CatalogueItem]:
        yield from (item for number, item in enumerate(catalogue_items()) if number % 3 == 0)

    monkeypatch.setattr(items, "catalogue_items", third)

    assert_stopped("coverage")


def test_campaign_of_items_that_no_longer_exist_is_stopped(skus: list[str]) -> None:
    advance_to(RetrainStatus.HEARTBEAT)
    Product.objects.filter(sku__in=skus[::3]).update(is_listed=False)

    run = assert_stopped("heartbeat")

    assert "does not list" in run.failure_reason
    assert "--waive" not in run.failure_fix
