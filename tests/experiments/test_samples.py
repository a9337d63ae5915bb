from dataclasses import replace

import pytest

from experiments.samples import find_min_units
from experiments.stats import Arm
from tests.experiments.test_guardrails import guard, make_plan, spread

PLAN = make_plan()


def find_units(place: int, *, control: Arm, margin: float = 0.02) -> int:
    metrics = [guard("orders", {"control": control}, margin=margin)]
    return find_min_units(PLAN, place, control="control", metrics=metrics, n_featured=1)


def test_sample_grows_with_the_share_that_the_next_step_shows_it_to() -> None:
    control = spread(1000, 1.0, 1.5)

    needed = [find_units(place, control=control) for place in range(5)]

    # h = 0.5, 0.4, 0.2, 0.1 at level 0.05 / 3: (2.128 + 0.842)^2 * 2 * 1.5^2 / h^2; the last step has the planned end.
    assert needed == [159, 249, 993, 3969, 0]


def test_sample_of_a_wide_margin_is_smaller() -> None:
    assert find_units(3, control=spread(1000, 1.0, 1.5), margin=0.2) == 993


@pytest.mark.parametrize("control", [Arm(), spread(99, 1.0, 1.5), spread(1000, 0.0, 1.5), spread(1000, 1.0, 0.0)])
def test_sample_is_the_least_while_control_says_nothing(control: Arm) -> None:
    assert find_units(0, control=control) == 100


def test_sample_is_bounded() -> None:
    assert find_units(3, control=spread(1000, 0.01, 1.0)) == 5000


def test_sample_of_the_plan_goes_first() -> None:
    plan = replace(PLAN, steps=tuple(replace(step, min_units=7) for step in PLAN.steps))

    assert find_min_units(plan, 0, control="control", metrics=[], n_featured=1) == 7
