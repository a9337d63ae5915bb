import numpy as np
import pytest

from storefront.simulation.experiments.behaviour import CARDS_IN_VIEW, Behaviour, behave
from storefront.simulation.experiments.parameters import TrialParameters
from storefront.simulation.experiments.traffic import Traffic, draw_traffic
from tests.storefront.simulation.shelves import ENDS_S

MANY = TrialParameters(n_shoppers=60_000, planted_effect=0.2)


@pytest.fixture(scope="module")
def traffic() -> Traffic:
    return draw_traffic(MANY, starts_s=ENDS_S)


def page_ctr(behaviour: Behaviour) -> float:
    return float((behaviour.clicks_second | behaviour.clicks_other).mean())


def everywhere(traffic: Traffic, *, is_treated: bool) -> Behaviour:
    return behave(MANY, traffic, np.full(len(traffic), is_treated))


def test_control_clicks_as_often_as_its_parameters_say(traffic: Traffic) -> None:
    control = everywhere(traffic, is_treated=False)

    assert page_ctr(control) == pytest.approx(MANY.page_ctr, rel=0.02)
    assert control.clicks_second.sum() / (page_ctr(control) * len(traffic)) == pytest.approx(0.4, rel=0.03)


def test_treatment_clicks_more_by_the_planted_effect_and_on_the_second_row_alone(traffic: Traffic) -> None:
    control, treated = everywhere(traffic, is_treated=False), everywhere(traffic, is_treated=True)

    assert page_ctr(treated) / page_ctr(control) - 1 == pytest.approx(0.2, abs=0.01)
    assert (treated.clicks_other == control.clicks_other).all()
    assert (treated.clicks_second >= control.clicks_second).all()


def test_only_clicks_are_bought_and_no_failed_page_is_clicked(traffic: Traffic) -> None:
    control = everywhere(traffic, is_treated=False)

    clicked = control.clicks_second | control.clicks_other
    assert not (control.buys & ~clicked).any()
    assert not (clicked & traffic.fails).any()
    assert control.buys.sum() / clicked.sum() == pytest.approx(MANY.purchase_share, rel=0.1)


def test_clicks_fade_along_what_is_in_view(traffic: Traffic) -> None:
    counts = np.bincount(everywhere(traffic, is_treated=False).rank, minlength=CARDS_IN_VIEW + 1)

    assert counts[0] == 0
    assert counts[1] > counts[2] > counts[3] > 0
    assert len(counts) == CARDS_IN_VIEW + 1
