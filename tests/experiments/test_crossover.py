import pytest

from experiments.crossover import CrossoverShare


@pytest.mark.parametrize(
    ("n_units", "n_crossover", "is_alarm"),
    [(0, 0, False), (100, 9, False), (100, 10, True), (1000, 10, False), (1000, 11, True), (900, 9, False)],
)
def test_crossover_is_an_alarm_above_one_percent_of_enough_units(
    n_units: int, n_crossover: int, is_alarm: bool
) -> None:
    found = CrossoverShare(n_units, n_crossover)

    assert found.is_alarm is is_alarm
    assert found.share == (n_crossover / n_units if n_units else 0.0)
