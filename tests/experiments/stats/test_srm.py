from typing import Any

import pytest

from experiments.stats import Inconclusive, SampleRatio, StatsError, sample_ratio_mismatch


def check(counts: list[int], weights: list[float], **more: Any) -> SampleRatio:
    answer = sample_ratio_mismatch(counts=counts, weights=weights, **more)
    assert isinstance(answer, SampleRatio)
    return answer


def test_sample_ratio_alarms_once_where_a_sequential_look_does_not_yet() -> None:
    answer = check([44_000, 45_000], [5000, 5000])

    assert answer.p_value == pytest.approx(0.0008, abs=5e-5)
    assert answer.is_mismatch
    assert answer.anytime_p_value == pytest.approx(0.109, abs=5e-4)
    assert not answer.is_anytime_mismatch


def test_sample_ratio_asks_for_shares_not_for_their_unit() -> None:
    assert check([300, 310], [1, 1]) == check([300, 310], [0.5, 0.5])
    assert check([100, 200], [1, 2]).p_value == 1.0
    assert check([100, 200], [1, 2]).expected == pytest.approx((100, 200))


def test_sample_ratio_expects_nobody_in_a_variation_of_weight_zero() -> None:
    empty, stray = check([500, 510, 0], [1, 1, 0]), check([500, 510, 1], [1, 1, 0])

    assert empty.df == 1
    assert empty.p_value == pytest.approx(check([500, 510], [1, 1]).p_value)
    assert stray.p_value == 0.0
    assert stray.is_anytime_mismatch
    assert stray.statistic is None


def test_sample_ratio_remembers_its_alarm() -> None:
    later = check([1000, 1000], [1, 1], previous_p=0.0004)

    assert later.is_anytime_mismatch
    assert not later.is_mismatch


def test_sample_ratio_of_a_whole_missing_variation_is_certain() -> None:
    answer = check([0, 100_000_000], [1, 1])

    assert answer.p_value == 0.0
    assert answer.anytime_p_value == 0.0


@pytest.mark.parametrize(
    ("counts", "weights", "code"),
    [
        ([0, 0], [1, 1], "no_units"),
        ([10], [1], "one_variation"),
        ([], [], "one_variation"),
        ([10, 0], [1, 0], "one_variation"),
        ([10, 3], [0, 0], "one_variation"),
    ],
)
def test_sample_ratio_of_degenerate_counts_is_inconclusive(counts: list[int], weights: list[float], code: str) -> None:
    answer = sample_ratio_mismatch(counts=counts, weights=weights)

    assert isinstance(answer, Inconclusive)
    assert answer.code == code


@pytest.mark.parametrize(
    ("given", "argument"),
    [
        ({"counts": [1, 2], "weights": [1]}, "weights"),
        ({"counts": [1, -2], "weights": [1, 1]}, "counts"),
        ({"counts": [1, float("nan")], "weights": [1, 1]}, "counts"),
        ({"counts": [1, 2], "weights": [1, -1]}, "weights"),
        ({"counts": [1, 2], "weights": [1, float("nan")]}, "weights"),
        ({"counts": [1, 2], "weights": [1, 1], "alpha": 1}, "alpha"),
        ({"counts": [1, 2], "weights": [1, 1], "previous_p": -0.1}, "previous_p"),
        ({"counts": [1, 2], "weights": [1, 1], "concentration": 0}, "concentration"),
    ],
)
def test_sample_ratio_refuses_misuse(given: dict[str, Any], argument: str) -> None:
    with pytest.raises(StatsError, match=rf"^{argument}: "):
        sample_ratio_mismatch(**given)
