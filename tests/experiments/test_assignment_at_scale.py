from collections import Counter

import pytest
from scipy import stats

from experiments.assignment import Reason, assign
from experiments.states import HoldoutState, LayerState
from tests.experiments.states import load, make_flag

N_UNITS = 200_000
OTHER_SALT = "00c1d2e3f405162738495a6b7c8d9eaf"
LAYER_SALT = "5e3779b97f4a7c15f39cc0605cedc835"
HOLDOUT_SALT = "a0761d6478bd642fe7037ed1a0b428db"


@pytest.fixture(scope="module")
def units() -> list[str]:
    return [f"{number:032x}" for number in range(N_UNITS)]


def assign_all(units: list[str], key: str = "row") -> list[str]:
    """Each unit's variation, or nothing where it is not in the phase."""
    found = (assign(key, unit) for unit in units)
    return [one.variation if one.reason is Reason.IN_PHASE else "" for one in found]


def test_nobody_changes_variation_through_a_ramp_up_and_down(units: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    ramp_bp = (200, 500, 1500, 6000, 2000, 6000)

    seen = []
    for coverage_bp in ramp_bp:
        load(monkeypatch, make_flag("row", coverage_bp=coverage_bp))
        seen.append(assign_all(units))

    variations = [{one for one in by_step if one} for by_step in zip(*seen, strict=True)]
    assert sum(len(one) > 1 for one in variations) == 0
    assert seen[-1] == seen[3]
    included = [sum(map(bool, step)) for step in seen]
    assert included == pytest.approx([coverage_bp / 10_000 * N_UNITS for coverage_bp in ramp_bp], rel=0.03)
    shares = {name: count / N_UNITS for name, count in Counter(seen[-1]).items()}
    assert shares == pytest.approx({"control": 0.3, "treatment": 0.3, "": 0.4}, abs=0.003)


def test_two_experiments_are_independent(units: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    three = (("control", 5000), ("a", 3000), ("b", 2000))
    load(
        monkeypatch,
        make_flag("row", coverage_bp=6000),
        make_flag("header", coverage_bp=6000, salt=OTHER_SALT, weights_bp=three),
    )

    cells = Counter(zip(assign_all(units), assign_all(units, "header"), strict=True))

    table = [[cells[one, other] for other in ("", "control", "a", "b")] for one in ("", "control", "treatment")]
    assert sum(map(sum, table)) == N_UNITS
    assert stats.chi2_contingency(table).pvalue > 0.001


def test_experiments_of_one_layer_share_no_unit(units: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    load(
        monkeypatch,
        make_flag("row", layer=LayerState("home", LAYER_SALT, 0, 4000)),
        make_flag("header", salt=OTHER_SALT, layer=LayerState("home", LAYER_SALT, 4000, 10_000)),
    )

    rows, headers = assign_all(units), assign_all(units, "header")

    assert not any(row and header for row, header in zip(rows, headers, strict=True))
    assert all(row or header for row, header in zip(rows, headers, strict=True))
    shares = {name: count / N_UNITS for name, count in Counter(rows).items()}
    assert shares == pytest.approx({"control": 0.2, "treatment": 0.2, "": 0.6}, abs=0.004)


def test_a_ramp_inside_a_layer_takes_nobody_from_a_neighbour(units: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    some = units[:50_000]
    neighbour = make_flag("header", salt=OTHER_SALT, layer=LayerState("home", LAYER_SALT, 4000, 10_000))
    load(monkeypatch, make_flag("row", coverage_bp=200, layer=LayerState("home", LAYER_SALT, 0, 4000)), neighbour)
    before = assign_all(some, "header")

    load(monkeypatch, make_flag("row", coverage_bp=10_000, layer=LayerState("home", LAYER_SALT, 0, 4000)), neighbour)

    assert assign_all(some, "header") == before


def test_holdout_only_grows_with_its_share_and_spans_experiments(
    units: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    some = units[:50_000]
    held: list[set[str]] = []

    for share_bp in (0, 100, 500, 1000):
        holdout = HoldoutState("2026-q4", HOLDOUT_SALT, share_bp)
        load(monkeypatch, make_flag("row"), make_flag("header", salt=OTHER_SALT), holdouts=[holdout])
        by_experiment = [
            {unit for unit in some if assign(key, unit).reason is Reason.HOLDOUT} for key in ("row", "header")
        ]
        assert by_experiment[0] == by_experiment[1]
        held.append(by_experiment[0])

    assert held[0] == set()
    assert held[0] < held[1] < held[2] < held[3]
    assert [len(one) / len(some) for one in held] == pytest.approx([0, 0.01, 0.05, 0.1], abs=0.004)


def test_unequal_weights_are_kept_for_many_variations(units: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    weights_bp = (("control", 4000), ("a", 3000), ("b", 2000), ("c", 999), ("d", 1))
    load(monkeypatch, make_flag("row", weights_bp=weights_bp))

    counts = Counter(assign_all(units))

    expected = [weight_bp / 10_000 * N_UNITS for _, weight_bp in weights_bp]
    assert stats.chisquare([counts[key] for key, _ in weights_bp], expected).pvalue > 0.001
