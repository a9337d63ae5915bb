import threading
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from experiments import ramp, shadows
from experiments.definitions import ensure_experiment
from experiments.exceptions import PlanIncomplete
from experiments.hooks import PayloadKind
from experiments.models import Experiment, Layer, Phase
from tests.experiments.conftest import KEY, VARIATIONS
from tests.factories.experiments import plan_experiment

WHO: dict[str, Any] = {"actor": "ann", "reason": "because"}


class Rules:
    """Rules and slots fill the second row; nothing else is known."""

    def list_kinds(self) -> Sequence[PayloadKind]:
        return ()

    def find_faults(self, _payload: Mapping[str, Any], _design: str) -> Sequence[str]:
        return ()

    def find_place(self, payload: Mapping[str, Any], _design: str) -> str:
        return "second row" if {"rule", "slot"} & set(payload) else ""


@pytest.fixture(autouse=True)
def rules(settings: Settings) -> None:
    settings.EXPERIMENT_PAYLOADS = Rules()


def make(key: str, **fields: Any) -> Experiment:
    made = ensure_experiment(key=key, name=key, flag_name=key.replace("-", "_"), variations=VARIATIONS)
    return plan_experiment(made, **fields)


def test_second_experiment_on_a_place_does_not_start_beside_an_open_phase(running: Experiment) -> None:
    make("campaigns")

    with pytest.raises(PlanIncomplete, match="Put both into one layer before they start, or complete the other") as no:
        ramp.start("campaigns", **WHO)

    assert [field for field, _ in no.value.faults] == ["layer"]
    assert "Recommended For You" in str(no.value)


@pytest.mark.parametrize("is_rolled_back", [False, True])
def test_it_starts_once_the_other_is_completed(running: Experiment, is_rolled_back: bool) -> None:
    make("campaigns")
    if is_rolled_back:
        ramp.roll_back(KEY, **WHO)
        with pytest.raises(PlanIncomplete):
            ramp.start("campaigns", **WHO)
    ramp.complete(KEY, **WHO)

    ramp.start("campaigns", **WHO)

    assert Phase.objects.filter(experiment__key="campaigns", ended_at__isnull=True).exists()


def test_experiments_of_one_layer_share_a_place(db: None) -> None:
    layer = Layer.objects.create(key="row", name="Second row")
    make("one", layer=layer, layer_start=0, layer_stop=5000)
    make("other", layer=layer, layer_start=5000, layer_stop=10_000)
    make("outside", layer=Layer.objects.create(key="all", name="All"))

    ramp.start("one", **WHO)
    ramp.start("other", **WHO)

    with pytest.raises(PlanIncomplete, match="'one', 'other'"):
        ramp.start("outside", **WHO)


def test_another_place_is_free(running: Experiment) -> None:
    make("header")
    Experiment.objects.get(key="header").variations.update(payload={"colour": "red"})

    ramp.start("header", **WHO)

    assert Phase.objects.filter(ended_at__isnull=True).count() == 2


def test_aa_test_beside_an_experiment_takes_nobody(running: Experiment) -> None:
    shadow = shadows.start_shadow(KEY, primary_metric="homepage_ctr", **WHO)
    ramp.complete(KEY, **WHO)

    make("campaigns")
    ramp.start("campaigns", **WHO)

    assert Phase.objects.filter(experiment=shadow, ended_at__isnull=True).exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_that_start_at_once_one_is_refused() -> None:
    make("one")
    make("other")
    refused: list[str] = []

    def start(key: str) -> None:
        try:
            ramp.start(key, **WHO)
        except PlanIncomplete:
            refused.append(key)
        finally:
            connection.close()

    threads = [threading.Thread(target=start, args=(key,)) for key in ("one", "other")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert (len(refused), Phase.objects.count()) == (1, 1)
