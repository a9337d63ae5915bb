"""Which experiment decides on the second row, where several could."""

from collections.abc import Mapping
from typing import Any

import pytest

from experiments.assignment import Reason
from experiments.definitions import VariationDefinition, ensure_experiment
from experiments.models import Experiment, Flag, Phase
from experiments.testutils import reset_snapshot
from recommendations.ports import Shopper
from storefront.page_view import PageView
from storefront.row_experiments import EXPERIMENT, choose_assignment, find_experiment

pytestmark = pytest.mark.django_db

HOME, FRESH = {"slot": "home-recommended", "rotation": "home"}, {"rotation": "home-fresh"}


def make(key: str, *, everyone: bool | None = None, coverage_bp: int | None = None, payload: Any = FRESH) -> Experiment:
    variations = (
        VariationDefinition("control", "As it is", {"rule": "trending"}, is_control=True),
        VariationDefinition("treatment", "Otherwise", payload),
    )
    experiment = ensure_experiment(key=key, name=key, flag_name=key.replace("-", "_"), variations=variations)
    if everyone:
        Experiment.objects.filter(pk=experiment.pk).update(
            shipped=experiment.variations.get(key="treatment"), status="shipped"
        )
    elif coverage_bp is not None:
        Phase.objects.create(
            experiment=experiment, number=1, coverage_bp=coverage_bp, weights_bp=[["control", 0], ["treatment", 10_000]]
        )
        Experiment.objects.filter(pk=experiment.pk).update(status="running")
    Flag.objects.filter(pk=experiment.flag_id).update(everyone=everyone)
    reset_snapshot()
    return experiment


def decide(forced: Mapping[str, str] | None = None) -> tuple[str, str, Reason]:
    found = PageView(Shopper("ann", "s1"), forced=forced).assignment
    return found.experiment, found.variation, found.reason


def test_nobody_else_brings_back_a_row_that_is_switched_off() -> None:
    make(EXPERIMENT, everyone=False, payload=HOME)
    make("campaigns", coverage_bp=10_000)

    assert decide() == (EXPERIMENT, "control", Reason.OFF)


def test_a_running_experiment_decides_where_the_row_is_on_for_everyone() -> None:
    make(EXPERIMENT, everyone=True, payload=HOME)
    make("campaigns", coverage_bp=10_000)

    assert decide() == ("campaigns", "treatment", Reason.IN_PHASE)


def test_whom_no_experiment_includes_gets_the_row_as_it_is() -> None:
    make(EXPERIMENT, everyone=True, payload=HOME)
    make("campaigns", coverage_bp=0)

    assert decide() == (EXPERIMENT, "treatment", Reason.SHIPPED)


def test_the_rows_own_experiment_comes_before_all_others() -> None:
    make(EXPERIMENT, coverage_bp=10_000, payload=HOME)
    make("campaigns", coverage_bp=10_000)

    assert decide()[0] == EXPERIMENT


def test_experiments_follow_in_the_order_of_their_keys() -> None:
    make(EXPERIMENT, everyone=True, payload=HOME)
    make("b-campaigns", coverage_bp=10_000)
    make("a-campaigns", coverage_bp=10_000)

    assert decide()[0] == "a-campaigns"


def test_a_shipped_campaign_fills_the_row_and_a_shipped_rule_does_not() -> None:
    make(EXPERIMENT, everyone=True, payload=HOME)
    make("a-rule", everyone=True, payload={"rule": "trending"})
    make("b-campaign", everyone=True)

    assert decide() == ("b-campaign", "treatment", Reason.SHIPPED)


def test_a_shipped_campaign_shows_nothing_where_the_row_is_not_on() -> None:
    make(EXPERIMENT, payload=HOME)
    make("b-campaign", everyone=True)

    assert decide() == (EXPERIMENT, "control", Reason.OFF)


def test_an_override_counts_for_its_own_experiment_alone() -> None:
    make(EXPERIMENT, everyone=True, payload=HOME)
    make("campaigns", coverage_bp=0)

    assert decide({"campaigns": "treatment"}) == ("campaigns", "treatment", Reason.FORCED)
    assert decide({"others": "treatment"})[2] is Reason.SHIPPED


def test_experiments_that_nobody_can_be_in_are_not_asked() -> None:
    make(EXPERIMENT, everyone=True, payload=HOME)
    make("draft")
    make("off", everyone=False)
    view, asked = PageView(Shopper("ann", "s1")), []

    def ask(key: str) -> Any:
        asked.append(key)
        return view.assignment

    choose_assignment(ask)

    assert asked == [EXPERIMENT]


def test_an_unknown_experiment_is_none() -> None:
    assert find_experiment("never-heard-of") is None
