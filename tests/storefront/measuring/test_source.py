from datetime import timedelta

import pytest

from experiments import analysis
from experiments.stats import Arm
from storefront.measuring.metrics import METRICS
from tests.factories.expectations import expect_arms, expect_covariates, expect_wins
from tests.factories.histories import START, make_history, make_phase

pytestmark = pytest.mark.django_db

LATER = START + timedelta(days=30)


def assert_equal(found: dict[str, Arm], expected: dict[str, Arm]) -> None:
    for variation, arm in expected.items():
        assert found[variation].n == arm.n
        for name in ("mean_y", "centred_yy", "mean_x", "centred_xx", "centred_xy"):
            assert getattr(found[variation], name) == pytest.approx(getattr(arm, name), rel=1e-9, abs=1e-9), name


@pytest.mark.parametrize("seed", range(10))
def test_aa_sums_through_the_tables_equal_those_computed_row_by_row(seed: int) -> None:
    phase = make_phase()
    history = make_history(phase, seed=seed)
    history.store()

    snapshot = analysis.take_snapshot(phase.pk, LATER)

    arms, covariates = expect_arms(history, METRICS, now=LATER), expect_covariates(history, METRICS, now=LATER)
    for metric in METRICS:
        expected = arms[metric.key]
        if metric.kind != "ratio":
            expected = {key: Arm(arm.n, arm.mean_y, arm.centred_yy) for key, arm in expected.items()}
        assert_equal(analysis.read_arms(snapshot, metric.key), expected)
        if metric.covariate:
            assert_equal(analysis.read_covariates(snapshot, metric.key), covariates[metric.key])


def test_interleaved_clicks_are_credited_to_the_team_that_drafted_the_item() -> None:
    phase = make_phase(design="interleaving")
    history = make_history(phase, seed=31)
    history.store()

    snapshot = analysis.take_snapshot(phase.pk, LATER)

    told = snapshot.interleaving
    assert told is not None
    assert (told["wins_a"], told["wins_b"], told["ties"]) == expect_wins(history, now=LATER)
    assert told["wins_a"] > 0 < told["wins_b"]
