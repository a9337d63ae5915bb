import numpy as np

from storefront.simulation.experiments.parameters import TrialParameters
from storefront.simulation.experiments.traffic import draw_traffic
from storefront.simulation.visits import DAY_S
from tests.storefront.simulation.shelves import ENDS_S

MANY = TrialParameters(n_shoppers=20_000)


def test_traffic_lies_inside_the_experiment_in_the_order_of_time() -> None:
    traffic = draw_traffic(MANY, starts_s=ENDS_S)

    assert traffic.at_s.min() >= ENDS_S
    assert traffic.at_s.max() < ENDS_S + 28 * DAY_S
    assert (np.diff(traffic.at_s) >= 0).all()


def test_traffic_is_as_heavy_as_its_parameters_say() -> None:
    traffic = draw_traffic(MANY, starts_s=ENDS_S)

    views = np.bincount(traffic.shopper, minlength=20_000)
    # The last days cut some later views off.
    assert 2.6 < views.mean() < 3.0
    assert np.quantile(views, 0.99) > 3 * views.mean()
    assert abs(traffic.eagerness.mean() - 1) < 0.02
    assert 10 < np.median(traffic.took_ms) < 12
    assert 0.001 < traffic.fails.mean() < 0.003


def test_traffic_is_equal_for_equal_parameters_and_for_no_others() -> None:
    few = TrialParameters(n_shoppers=50)

    first, again = draw_traffic(few, starts_s=ENDS_S), draw_traffic(few, starts_s=ENDS_S)
    other = draw_traffic(TrialParameters(n_shoppers=50, seed=2), starts_s=ENDS_S)

    assert first.at_s.tolist() == again.at_s.tolist()
    assert first.click_luck.tolist() == again.click_luck.tolist()
    assert first.at_s.tolist() != other.at_s.tolist()


def test_traffic_keeps_each_visit_to_one_shopper() -> None:
    traffic = draw_traffic(MANY, starts_s=ENDS_S)

    owner = np.full(traffic.visit.max() + 1, -1)
    owner[traffic.visit] = traffic.shopper
    assert (owner[traffic.visit] == traffic.shopper).all()
    assert traffic.key_of(0).startswith("trial-")
