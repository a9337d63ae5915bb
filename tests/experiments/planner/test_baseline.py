from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django.fixtures import Settings

from experiments.metrics import MetricDefinition
from experiments.planner.baseline import measure_baseline
from experiments.planner.drafts import Given, find_baseline
from experiments.planner.sizing import PlanError
from experiments.sources import Fact, RowHealth, Sql, Wanted
from experiments.stats import Arm

NOW = datetime(2026, 11, 22, tzinfo=UTC)
CONVERSION = MetricDefinition("conversion", "Conversion", "proportion", "buys", measured="share", window_days=14)
SPENT = MetricDefinition("spent", "Spent", "mean", "spent", cap=30.0, measured="money", window_days=14)
CTR = MetricDefinition("ctr", "CTR", "ratio", "clicks", "visits", measured="share", window_days=14)


def write_past(n_units: int = 400) -> list[tuple[str, datetime, str, float]]:
    """Units come on one of 28 days, some again a day and twenty days later; what they do follows from their number."""
    rows = []
    for number in range(n_units):
        first = NOW - timedelta(days=28) + timedelta(days=number % 28, hours=1)
        for at in (first, first + timedelta(days=1), first + timedelta(days=20)):
            rows.append((f"u{number}", at, "visits", 1.0))
            if number % 3 == 0:
                rows.append((f"u{number}", at + timedelta(minutes=1), "clicks", 1.0))
        if number % 5 == 0:
            rows.append((f"u{number}", first + timedelta(days=2), "buys", 1.0))
            rows.append((f"u{number}", first + timedelta(days=2), "spent", float(number % 50)))
        rows.append((f"u{number}", first - timedelta(minutes=5), "buys", 1.0))
    return [row for row in rows if row[1] < NOW]


class PastSource:
    """Tells the past above, and nothing else."""

    rows: Sequence[tuple[str, datetime, str, float]] = ()

    def list_facts(self) -> Sequence[Fact]:
        return [Fact(key, key) for key in ("visits", "clicks", "buys", "spent")]

    def list_metrics(self) -> Sequence[MetricDefinition]:
        return [CONVERSION, SPENT, CTR]

    def select_facts(self, wanted: Wanted) -> Sql:
        chosen = [
            (unit, at, place, value)
            for unit, at, fact, value in self.rows
            for place, key in enumerate(wanted.facts)
            if key == fact and wanted.since <= at < wanted.until
        ]
        columns = zip(*chosen, strict=True) if chosen else ((), (), (), ())
        text = (
            "SELECT unit, at, fact, value FROM unnest(%s::text[], %s::timestamptz[], %s::int[], %s::float8[])"
            " AS t (unit, at, fact, value)"
        )
        return Sql(text, tuple(list(column) for column in columns))

    def find_complete_until(self, now: datetime) -> datetime | None:
        return now

    def find_slack_s(self) -> float:
        return 0.0

    def read_row_health(
        self, phase_id: int, since: datetime, until: datetime, slow_ms: float
    ) -> Mapping[str, RowHealth]:
        return {}


@pytest.fixture(autouse=True)
def past(settings: Settings, monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    settings.EXPERIMENT_METRIC_SOURCE = f"{__name__}.PastSource"
    settings.EXPERIMENT_TRAFFIC_FACTS = ("visits",)
    monkeypatch.setattr("experiments.sources._load", lambda path: PastSource())
    monkeypatch.setattr(PastSource, "rows", write_past())


def reckon(numerator: str, denominator: str, *, is_any: bool = False, cap: float | None = None) -> Arm:
    """The same unit by unit: 14 days from the first visit, for units whose 14 days are over."""
    by_unit: dict[str, list[tuple[datetime, str, float]]] = defaultdict(list)
    for unit, at, fact, value in write_past():
        by_unit[unit].append((at, fact, value))
    ys, xs = [], []
    for facts in by_unit.values():
        visits = [at for at, fact, _ in facts if fact == "visits"]
        first = min(visits)
        if first > NOW - timedelta(days=14):
            continue
        inside = [(fact, value) for at, fact, value in facts if first <= at < first + timedelta(days=14)]
        y = sum(value for fact, value in inside if fact == numerator)
        ys.append(float(y > 0) if is_any else min(y, cap) if cap is not None else y)
        xs.append(sum(value for fact, value in inside if fact == denominator))
    return Arm.from_values(ys, xs)


def test_baseline_of_a_proportion_counts_units_after_they_came() -> None:
    found = measure_baseline(CONVERSION, now=NOW)

    expected = reckon("buys", "", is_any=True)
    assert found.value == pytest.approx(expected.mean_y)
    assert found.value == pytest.approx(0.2, abs=0.02)
    assert found.n_units == expected.n
    assert found.window_days == 14


def test_baseline_of_a_mean_is_capped_and_has_its_variance() -> None:
    found = measure_baseline(SPENT, now=NOW)

    expected = reckon("spent", "", cap=30.0)
    assert found.value == pytest.approx(expected.mean_y)
    assert found.variance == pytest.approx(expected.variance_y)


def test_baseline_of_a_ratio_has_the_variance_of_a_unit() -> None:
    found = measure_baseline(CTR, now=NOW)

    expected = reckon("clicks", "visits")
    ratio = expected.mean_y / expected.mean_x
    per_unit = expected.variance_y - 2 * ratio * expected.covariance + ratio**2 * expected.variance_x
    assert found.value == pytest.approx(ratio)
    assert found.variance == pytest.approx(per_unit / expected.mean_x**2)


def test_baseline_counts_each_unit_on_the_day_it_came() -> None:
    found = measure_baseline(CONVERSION, now=NOW)

    curve = list(found.cumulative_units)
    assert len(curve) == 28
    assert curve == sorted(curve)
    assert curve[0] == 15
    assert curve[-1] == 400


def test_baseline_of_too_few_units_asks_for_one_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PastSource, "rows", write_past(50))

    with pytest.raises(PlanError, match="Give the baseline by hand"):
        measure_baseline(CONVERSION, now=NOW)


def test_baseline_of_nobody_asks_for_one_by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PastSource, "rows", [])

    with pytest.raises(PlanError, match="Only 0 shoppers"):
        measure_baseline(CTR, now=NOW)


def test_baseline_by_hand_measures_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PastSource, "rows", [])

    found = find_baseline("spent", Given(3.0, 20.0, 500))

    assert (found.value, found.variance) == (3.0, 400.0)
    assert found.cumulative_units[:2] == (500, 1000)
    assert found.n_units == 0


def test_baseline_by_hand_of_a_mean_needs_its_deviation() -> None:
    with pytest.raises(PlanError, match="needs its standard deviation"):
        find_baseline("spent", Given(3.0))
