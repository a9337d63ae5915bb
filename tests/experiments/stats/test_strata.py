import numpy as np
import pytest

from experiments.stats import Arm, Inconclusive, combine_phases, compare_means


def test_combined_phases_are_the_average_weighted_by_all_their_units() -> None:
    rng = np.random.default_rng(1)
    raw = [(rng.normal(10, 2, 30), rng.normal(11, 2, 70)), (rng.normal(20, 5, 60), rng.normal(22, 5, 20))]
    n_phase = [100, 80]

    pair = combine_phases(phases=[(Arm.from_values(control), Arm.from_values(treatment)) for control, treatment in raw])

    assert isinstance(pair, tuple)
    for index in (0, 1):
        y = [phase[index] for phase in raw]
        weights = [n / sum(n_phase) / len(part) for n, part in zip(n_phase, y, strict=True)]
        by_unit = np.repeat(weights, [len(part) for part in y])
        squared = sum(w**2 * len(part) * part.var(ddof=1) for w, part in zip(weights, y, strict=True))
        assert pair[index].mean_y == pytest.approx(np.average(np.concatenate(y), weights=by_unit))
        assert pair[index].variance_y / pair[index].n == pytest.approx(squared)


def test_combined_phases_undo_simpsons_paradox() -> None:
    # The treatment wins both days, and loses the sum: more of it ran on the day when little was sold.
    phases = [
        (Arm.from_counts(n=9900, successes=1980), Arm.from_counts(n=100, successes=23)),
        (Arm.from_counts(n=500, successes=50), Arm.from_counts(n=9500, successes=1140)),
    ]

    pair = combine_phases(kind="proportion", phases=phases)
    assert isinstance(pair, tuple)
    effect = compare_means(control=pair[0], treatment=pair[1])

    assert not isinstance(effect, Inconclusive)
    assert effect.estimate == pytest.approx(0.5 * 0.03 + 0.5 * 0.02)
    assert (phases[0][1] + phases[1][1]).mean_y < (phases[0][0] + phases[1][0]).mean_y


def test_one_phase_combines_to_itself() -> None:
    control, treatment = Arm.from_values([1.0, 4.0, 2.0]), Arm.from_values([3.0, 4.0])

    pair = combine_phases(phases=[(control, treatment), (Arm(), Arm.from_values([9.0]))])

    assert isinstance(pair, tuple)
    assert pair[0].mean_y == pytest.approx(control.mean_y)
    assert pair[0].variance_y == pytest.approx(control.variance_y)


@pytest.mark.parametrize("phases", [[], [(Arm(), Arm())], [(Arm.from_values([1.0]), Arm.from_values([1.0, 2.0]))]])
def test_phases_without_units_are_inconclusive(phases: list[tuple[Arm, Arm]]) -> None:
    answer = combine_phases(phases=phases)

    assert isinstance(answer, Inconclusive)
    assert answer.code == "too_few_units"


def test_phases_of_a_ratio_need_a_denominator() -> None:
    empty = Arm.from_values([0.0, 0.0], [0.0, 0.0])

    answer = combine_phases(kind="ratio", phases=[(empty, empty)])

    assert isinstance(answer, Inconclusive)
    assert answer.code == "no_denominator"
