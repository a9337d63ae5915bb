from dataclasses import replace

import pytest

from experiments.concerns import Gravity
from experiments.health import Vitals, find_health_concerns

WELL = Vitals(
    n_units={"control": 5000, "treatment": 5000},
    weights_bp=(("control", 5000), ("treatment", 5000)),
    n_crossover=0,
    idle_h=0.5,
    lag_s=30.0,
    max_lag_s=900.0,
)


def test_healthy_phase_raises_no_concern() -> None:
    assert find_health_concerns(WELL) == []


@pytest.mark.parametrize(
    ("vitals", "code", "gravity"),
    [
        (replace(WELL, n_units={"control": 5400, "treatment": 4600}), "srm", Gravity.HOLD),
        (replace(WELL, n_units={"control": 5000}), "srm", Gravity.HOLD),
        (replace(WELL, n_crossover=102), "crossover", Gravity.HOLD),
        (replace(WELL, idle_h=24.0), "no_traffic", Gravity.HOLD),
        (replace(WELL, is_overruled=True), "flag_overruled", Gravity.HOLD),
        (replace(WELL, is_overruled=True, is_switched_off=True), "flag_overruled", Gravity.ROLL_BACK),
        (replace(WELL, lag_s=900.1), "event_lag", Gravity.WAIT),
        (replace(WELL, lag_s=None), "event_lag", Gravity.WAIT),
    ],
)
def test_each_fault_of_health_is_found(vitals: Vitals, code: str, gravity: Gravity) -> None:
    (concern,) = find_health_concerns(vitals)

    assert (concern.code, concern.gravity) == (code, gravity)
    assert concern.message.endswith(".")


@pytest.mark.parametrize(
    "vitals",
    [
        # A chi-square of 5.1, looked at each minute, would alarm some day; the anytime test does not.
        replace(WELL, n_units={"control": 5113, "treatment": 4887}),
        replace(WELL, n_units={"control": 0, "treatment": 0}),
        replace(WELL, n_units={"control": 500, "treatment": 490}, n_crossover=9),
        replace(WELL, n_crossover=100),
        replace(WELL, idle_h=23.9),
        replace(WELL, lag_s=900.0),
        replace(
            WELL,
            n_units={"control": 8000, "treatment": 2000},
            weights_bp=(("control", 8000), ("treatment", 2000)),
        ),
    ],
)
def test_what_is_within_its_limit_is_no_concern(vitals: Vitals) -> None:
    assert find_health_concerns(vitals) == []


def test_health_never_rolls_back() -> None:
    ill = replace(WELL, n_units={"control": 9000, "treatment": 10}, n_crossover=900, idle_h=99, lag_s=None)

    assert {concern.gravity for concern in find_health_concerns(ill)} == {Gravity.HOLD, Gravity.WAIT}
