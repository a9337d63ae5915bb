import pytest

from experiments.shares import find_seen, format_percent
from experiments.steps import find_default_steps, find_place, find_step_faults, freeze_steps, read_steps


def test_usual_steps_are_seen_by_1_to_30_percent_of_all() -> None:
    steps = read_steps([], 5000)

    assert [step.seen_bp for step in steps] == [100, 250, 750, 1500, 3000]
    assert [step.coverage_bp for step in steps] == [200, 500, 1500, 3000, 6000]
    assert {step.hours for step in steps} == {24.0}
    seen = [format_percent(find_seen(step.coverage_bp, 5000)) for step in steps]
    assert seen == ["1%", "2.5%", "7.5%", "15%", "30%"]


@pytest.mark.parametrize(
    ("featured_bp", "seen"), [(6667, [100, 250, 750, 1500, 3000]), (1000, [100, 250, 750]), (50, [50])]
)
def test_usual_steps_keep_to_what_the_weights_allow(featured_bp: int, seen: list[int]) -> None:
    assert [step["seen_bp"] for step in find_default_steps(featured_bp)] == seen
    assert find_step_faults(find_default_steps(featured_bp), featured_bp) == []


@pytest.mark.parametrize(
    ("stored", "fault"),
    [
        ({}, "not a list"),
        ([1], "not an object"),
        ([{"seen_bp": 0}], "seen_bp == 0"),
        ([{"seen_bp": 5001}], "at most 50% can see it"),
        ([{"seen_bp": True}], "seen_bp == True"),
        ([{"seen_bp": 100, "hours": -1}], "hours == -1"),
        ([{"seen_bp": 100, "hours": float("nan")}], "hours == nan"),
        ([{"seen_bp": 100, "min_units": 1.5}], "min_units == 1.5"),
        ([{"seen_bp": 100, "needs_approval": 1}], "needs_approval == 1"),
        ([{"seen_bp": 100, "speed": 1}], r"unknown fields \['speed'\]"),
        ([{"seen_bp": 100}, {"seen_bp": 100}], "1%, 1%"),
        ([{"seen_bp": 100 + place} for place in range(21)], "at most 20"),
    ],
)
def test_step_faults_name_the_field_and_the_fix(stored: object, fault: str) -> None:
    faults = find_step_faults(stored, 5000)

    assert len(faults) == 1
    with pytest.raises(AssertionError, match=fault):
        raise AssertionError(faults[0])


@pytest.mark.parametrize(("coverage_bp", "place"), [(0, 0), (199, 0), (200, 0), (2000, 2), (6000, 4), (10_000, 4)])
def test_coverage_belongs_to_the_last_step_that_it_reaches(coverage_bp: int, place: int) -> None:
    assert find_place(read_steps([], 5000), coverage_bp) == place


def test_frozen_steps_keep_their_coverage_under_other_weights() -> None:
    frozen = freeze_steps(read_steps([], 5000))

    assert [step.coverage_bp for step in read_steps(frozen, 2000)] == [200, 500, 1500, 3000, 6000]
