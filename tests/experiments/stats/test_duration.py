from itertools import accumulate
from typing import Any

import pytest

from experiments.stats import Duration, Inconclusive, StatsError, duration

# Fewer new shoppers come each day, since those of the day before come again.
CURVE = list(accumulate([1000, 800, 700, 600, 550, 500, 500, 450, 420, 400, 390, 380, 370, 360]))


def ask(n_total: int, curve: list[int] = CURVE, **more: Any) -> Duration:
    answer = duration(n_total=n_total, cumulative_units=curve, **more)
    assert isinstance(answer, Duration)
    return answer


def test_duration_is_never_below_two_weeks() -> None:
    assert ask(100) == Duration(days=14, weeks=2, days_needed=1, is_extrapolated=False)


def test_duration_follows_the_measured_curve() -> None:
    answer = ask(CURVE[9])

    assert answer.days_needed == 10
    assert not answer.is_extrapolated


def test_duration_beyond_the_curve_goes_on_as_its_last_week_did() -> None:
    growth = (CURVE[-1] - CURVE[-8]) / 7

    answer = ask(round(CURVE[-1] + 3.5 * growth))

    assert answer == Duration(days=21, weeks=3, days_needed=18, is_extrapolated=True)


def test_duration_grows_as_coverage_falls() -> None:
    assert ask(CURVE[-1]).days_needed == 14
    assert ask(CURVE[-1], coverage_share=0.5).days_needed > 28


def test_duration_of_one_measured_day_repeats_it() -> None:
    assert ask(1000, [100]).days_needed == 10


@pytest.mark.parametrize(
    ("n_total", "curve"), [(100, [0, 0]), (10**9, CURVE), (100, [50, 50, 50, 50, 50, 50, 50, 50, 50])]
)
def test_duration_that_has_no_end_is_inconclusive(n_total: int, curve: list[int]) -> None:
    answer = duration(n_total=n_total, cumulative_units=curve)

    assert isinstance(answer, Inconclusive)
    assert answer.code == "no_traffic"


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ({"n_total": 0, "cumulative_units": CURVE}, "n_total"),
        ({"n_total": 10, "cumulative_units": []}, "cumulative_units"),
        ({"n_total": 10, "cumulative_units": [10, 5]}, "cumulative_units"),
        ({"n_total": 10, "cumulative_units": [-5]}, "cumulative_units"),
        ({"n_total": 10, "cumulative_units": CURVE, "coverage_share": 60}, "coverage_share"),
        ({"n_total": 10, "cumulative_units": CURVE, "coverage_share": 0}, "coverage_share"),
        ({"n_total": 10, "cumulative_units": CURVE, "longest_days": 0}, "longest_days"),
    ],
)
def test_duration_refuses_misuse(given: dict[str, Any], argument: str) -> None:
    with pytest.raises(StatsError, match=rf"^{argument}: "):
        duration(**given)
