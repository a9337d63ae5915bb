"""The population stability index, by hand and by its laws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations.pipeline.etl.drift import OTHERS, measure_drift, most, population_stability

COUNTS = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 10_000), max_size=6)


def test_population_stability_is_the_textbooks() -> None:
    found = population_stability({"view": 80, "bid": 20}, {"view": 60, "bid": 40})

    # (0.6 - 0.8) ln(0.6 / 0.8) + (0.4 - 0.2) ln(0.4 / 0.2)
    assert found == pytest.approx(0.05754 + 0.13863, abs=1e-5)


@given(COUNTS, COUNTS)
def test_population_stability_is_symmetric_and_never_negative(before: dict[str, int], after: dict[str, int]) -> None:
    forth, back = population_stability(before, after), population_stability(after, before)

    assert forth == pytest.approx(back)
    assert forth >= 0
    assert population_stability(before, before) == 0


@pytest.mark.parametrize(
    ("after", "verdict"),
    [({"a": 50, "b": 50}, "stable"), ({"a": 70, "b": 30}, "slight"), ({"a": 95, "b": 5}, "strong")],
)
def test_measure_drift_says_how_strong_it_is(after: dict[str, int], verdict: str) -> None:
    drift = measure_drift("event types", {"a": 50, "b": 50}, after, against_run=7)

    assert (drift.verdict, drift.against_run) == (verdict, 7)


def test_most_sums_up_the_rest() -> None:
    assert most({"a": 1, "b": 5, "c": 3, "d": 3}, 2) == {"b": 5, "c": 3, OTHERS: 4}
    assert most({"a": 1}, 2) == {"a": 1}
