from typing import Any

import pytest

from experiments.stats import Arm, Effect, Inconclusive, ReadOut, StatsError, holm, read_out, split_alpha

CONTROL = Arm.from_counts(n=5000, successes=500)
BETTER = Arm.from_counts(n=5000, successes=565)
FAR_BETTER = Arm.from_counts(n=5000, successes=700)


def ask(treatment: Arm = BETTER, **more: Any) -> ReadOut:
    given: dict[str, Any] = {"kind": "proportion", "control": CONTROL, "treatment": treatment, "n_planned": 10_000}
    answer = read_out(**(given | {"is_planned_end": False} | more))
    assert isinstance(answer, ReadOut)
    return answer


@pytest.mark.parametrize(("alpha", "parts"), [(0.05, (0.01, 0.04)), (0.1, (0.02, 0.08)), (0.01, (0.002, 0.008))])
def test_split_keeps_its_proportion_at_every_level(alpha: float, parts: tuple[float, float]) -> None:
    assert split_alpha(alpha) == pytest.approx(parts)


def test_read_out_while_running_shows_no_fixed_test() -> None:
    answer = ask()

    assert answer.fixed is None
    assert answer.effect == answer.sequential
    assert answer.effect.alpha == pytest.approx(0.01)
    assert not answer.is_significant


def test_read_out_at_the_planned_end_decides_at_four_hundredths() -> None:
    answer = ask(is_planned_end=True)

    assert answer.effect == answer.fixed
    assert answer.effect.alpha == pytest.approx(0.04)
    assert 0.01 < answer.effect.p_value < 0.04
    assert answer.p_value == pytest.approx(answer.effect.p_value / 0.8)
    assert answer.is_significant


def test_read_out_stops_early_for_a_large_effect() -> None:
    answer = ask(FAR_BETTER)

    assert isinstance(answer.sequential, Effect)
    assert answer.p_value == pytest.approx(answer.sequential.p_value / 0.2)
    assert answer.is_significant


def test_read_out_does_not_forget_that_it_could_have_stopped() -> None:
    stopped = ask(FAR_BETTER)
    assert isinstance(stopped.sequential, Effect)

    later = ask(CONTROL, previous_p=stopped.sequential.p_value, is_planned_end=True)

    assert later.is_significant


def test_read_out_p_value_goes_into_a_correction_for_several_metrics() -> None:
    first, second = ask(is_planned_end=True), ask(FAR_BETTER, is_planned_end=True)

    corrected = holm(p_values=[first.p_value, second.p_value])

    assert corrected.is_rejected == (True, True)


def test_read_out_of_a_small_experiment_still_has_its_fixed_part() -> None:
    control, treatment = Arm.from_counts(n=60, successes=10), Arm.from_counts(n=60, successes=30)

    early = read_out(kind="proportion", control=control, treatment=treatment, n_planned=120, is_planned_end=False)
    end = read_out(kind="proportion", control=control, treatment=treatment, n_planned=120, is_planned_end=True)

    assert isinstance(early, Inconclusive)
    assert isinstance(end, ReadOut)
    assert isinstance(end.sequential, Inconclusive)
    assert end.is_significant


def test_read_out_refuses_a_level_out_of_range() -> None:
    with pytest.raises(StatsError, match=r"^alpha: "):
        ask(alpha=0.0)
