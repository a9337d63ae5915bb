from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest
from pytest_django import Settings

from experiments import analysis, exposures
from experiments.exposures import Exposed
from experiments.metrics import MetricDefinition
from experiments.models import Phase, Snapshot
from experiments.sources import Fact, RowHealth, Sql, Wanted
from tests.factories.histories import START, make_phase

pytestmark = pytest.mark.django_db

PLAN = {"planned_units": 400, "primary_metric": "spent", "alpha": 0.05}
NOW = START + timedelta(days=10)
METRICS = (
    MetricDefinition("buyers", "Buyers", "proportion", "sale", window_days=3),
    MetricDefinition("spent", "Spent", "mean", "sale", window_days=3, cap=100.0, covariate="sale"),
    MetricDefinition("price", "Price", "ratio", "sale", "visit", window_days=14),
)


@dataclass
class ListedSource:
    """A source whose facts are a list in memory, told as VALUES."""

    facts: list[tuple[str, datetime, str, float]] = field(default_factory=list)

    def list_facts(self) -> Sequence[Fact]:
        names = ("sale", "visit", "team_clicks:a", "team_clicks:b")
        return [Fact(name, name, is_early=True) for name in names]

    def list_metrics(self) -> Sequence[MetricDefinition]:
        return METRICS

    def select_facts(self, wanted: Wanted) -> Sql:
        rows = [
            (unit, at, wanted.facts.index(name), value)
            for unit, at, name, value in self.facts
            if name in wanted.facts and wanted.since <= at < wanted.until
        ]
        nothing = "SELECT ''::text AS unit, NULL::timestamptz AS at, 0 AS fact, 0::float8 AS value WHERE false"
        each = " UNION ALL SELECT %s::text, %s::timestamptz, %s::int, %s::float8"
        return Sql(nothing + each * len(rows), tuple(part for row in rows for part in row))

    def find_complete_until(self, now: datetime) -> datetime | None:
        return now

    def find_slack_s(self) -> float:
        return 3600.0

    def read_row_health(
        self, phase_id: int, since: datetime, until: datetime, slow_ms: float
    ) -> Mapping[str, RowHealth]:
        return {"treatment": RowHealth(10, 1, 2, 99.5, 3)}


SOURCE = ListedSource()


@pytest.fixture
def source(settings: Settings) -> ListedSource:
    settings.EXPERIMENT_METRIC_SOURCE = f"{__name__}.find_source"
    settings.EXPERIMENT_ATTRIBUTES = {"device": ("phone", "desktop")}
    SOURCE.facts = []
    return SOURCE


def find_source() -> ListedSource:
    return SOURCE


@pytest.fixture
def phase(source: ListedSource) -> Phase:
    return make_phase("analysed", plan=PLAN)


def expose(phase: Phase, unit: str, variation: str, *, days: float = 0, **fields: object) -> None:
    at = START + timedelta(days=days)
    exposures.insert([Exposed(unit, phase.pk, variation, at, **fields)])  # type: ignore[arg-type]


def sell(source: ListedSource, unit: str, *, days: float, value: float = 10.0) -> None:
    source.facts.append((unit, START + timedelta(days=days), "sale", value))


def test_facts_before_exposure_and_after_the_window_do_not_count(phase: Phase, source: ListedSource) -> None:
    expose(phase, "u1", "control", days=1)
    for days in (0.5, 1.0, 3.9, 4.0, 5.0):
        sell(source, "u1", days=days)

    snapshot = analysis.take_snapshot(phase.pk, NOW)

    assert analysis.read_arms(snapshot, "spent")["control"].mean_y == 20.0
    assert analysis.read_covariates(snapshot, "spent")["control"].mean_x == 10.0


def test_total_is_capped_for_each_unit_before_it_is_summed(phase: Phase, source: ListedSource) -> None:
    for unit in ("u1", "u2"):
        expose(phase, unit, "control")
    sell(source, "u1", days=1, value=90.0)
    sell(source, "u1", days=2, value=90.0)
    sell(source, "u2", days=2, value=30.0)

    snapshot = analysis.take_snapshot(phase.pk, NOW)

    arm = analysis.read_arms(snapshot, "spent")["control"]
    assert (arm.n, arm.mean_y, arm.centred_yy) == (2, 65.0, 2 * 35.0**2)
    assert analysis.read_arms(snapshot, "buyers")["control"].mean_y == 1.0


def test_crossovers_and_forced_units_are_counted_and_left_out(phase: Phase) -> None:
    expose(phase, "u1", "control")
    expose(phase, "u2", "control")
    expose(phase, "u2", "treatment", days=1)
    expose(phase, "u3", "treatment", is_forced=True)

    snapshot = analysis.take_snapshot(phase.pk, NOW)

    assert snapshot.n_units == {"control": 1, "treatment": 0}
    assert (snapshot.n_crossover, snapshot.n_forced, snapshot.total_units) == (1, 1, 1)


def test_units_stay_in_after_the_ramp_went_down(phase: Phase) -> None:
    expose(phase, "u1", "treatment")
    analysis.take_snapshot(phase.pk, START + timedelta(days=1))
    Phase.objects.filter(pk=phase.pk).update(coverage_bp=0)

    snapshot = analysis.take_snapshot(phase.pk, NOW)

    assert snapshot.n_units["treatment"] == 1


def test_triggered_units_and_segments_are_parts_of_the_whole(phase: Phase, source: ListedSource) -> None:
    for number in range(8):
        device = ("phone", "desktop", "fridge")[number % 3]
        expose(phase, f"u{number}", "control", is_triggered=number < 3, attributes={"device": device})
        sell(source, f"u{number}", days=1, value=float(number))

    snapshot = analysis.take_snapshot(phase.pk, NOW)

    segments = {pair: arms["control"] for pair, arms in analysis.read_segments(snapshot, "spent").items()}
    assert {pair: arm.n for pair, arm in segments.items()} == {
        ("device", "phone"): 3,
        ("device", "desktop"): 3,
        ("device", "other"): 2,
    }
    assert segments["device", "phone"].mean_y == (0 + 3 + 6) / 3
    triggered = analysis.read_triggered(snapshot, "spent")["control"]
    assert (triggered.n, triggered.mean_y) == (3, 1.0)


def test_least_p_value_is_carried_from_look_to_look(phase: Phase, source: ListedSource) -> None:
    for number in range(400):
        expose(phase, f"u{number}", ("control", "treatment")[number % 2])
        if number % 2:
            sell(source, f"u{number}", days=1, value=50.0 + number % 7)
    first = analysis.take_snapshot(phase.pk, START + timedelta(days=2))
    SOURCE.facts += [(f"u{n}", START + timedelta(days=2.5), "sale", 100.0) for n in range(0, 400, 2)]

    second = analysis.take_snapshot(phase.pk, START + timedelta(days=3))

    early, late = first.results["spent"]["treatment"], second.results["spent"]["treatment"]
    assert early["min_p"] < 0.001
    assert late["min_p"] <= early["min_p"]
    assert late["fixed"]["estimate"] < 0 < early["fixed"]["estimate"]


def test_fixed_part_of_the_read_out_speaks_at_the_planned_end_only(source: ListedSource) -> None:
    end = START + timedelta(days=5)
    phase = make_phase("ending", plan={**PLAN, "planned_end_at": end.isoformat()})
    for number in range(400):
        expose(phase, f"u{number}", ("control", "treatment")[number % 2])
        sell(source, f"u{number}", days=1, value=float(number % 11))

    early = analysis.take_snapshot(phase.pk, end - timedelta(days=1))
    late = analysis.take_snapshot(phase.pk, end)

    assert early.results["spent"]["treatment"]["hybrid"]["fixed"] is None
    assert late.results["spent"]["treatment"]["hybrid"]["fixed"]["method"] == "welch_t"
    assert late.results["spent"]["treatment"]["holm_p"] == late.results["spent"]["treatment"]["hybrid"]["p_value"]
    assert late.results["buyers"]["treatment"]["holm_p"] is None


def test_second_look_at_one_moment_is_the_first(phase: Phase) -> None:
    expose(phase, "u1", "control")
    first = analysis.take_snapshot(phase.pk, NOW)
    expose(phase, "u2", "control")

    second = analysis.take_snapshot(phase.pk, NOW)

    assert second.pk == first.pk
    assert Snapshot.objects.count() == 1


def test_final_look_stays_and_leaves_out_what_came_after(phase: Phase, source: ListedSource) -> None:
    expose(phase, "u1", "control")
    expose(phase, "u2", "control", days=9)
    sell(source, "u1", days=1)
    sell(source, "u1", days=2.5, value=50.0)
    analysis.take_snapshot(phase.pk, NOW)

    final = analysis.finish(phase.pk, START + timedelta(days=2))

    assert analysis.finish(phase.pk, NOW).pk == final.pk
    assert analysis.latest(phase.pk) == final
    assert analysis.read_arms(final, "spent")["control"].n == 1
    assert analysis.read_arms(final, "spent")["control"].mean_y == 10.0


def test_only_the_newest_look_keeps_segments(phase: Phase) -> None:
    expose(phase, "u1", "control", attributes={"device": "phone"})
    older = analysis.take_snapshot(phase.pk, NOW)

    newer = analysis.take_snapshot(phase.pk, NOW + timedelta(minutes=1))

    older.refresh_from_db()
    assert older.segments is None
    assert analysis.read_segments(older, "spent") == {}
    assert newer.segments


def test_exposures_are_counted_by_the_day_of_their_first(phase: Phase) -> None:
    for number, days in enumerate((0.1, 0.9, 1.5)):
        expose(phase, f"u{number}", "control", days=days)
    expose(phase, "t", "treatment", days=1.2)

    analysis.take_snapshot(phase.pk, NOW)

    found = [(day.day, day.variation, day.n_units) for day in analysis.count_exposures(phase.pk)]
    assert found == [
        (date(2026, 5, 4), "control", 2),
        (date(2026, 5, 5), "control", 1),
        (date(2026, 5, 5), "treatment", 1),
    ]


def test_row_health_is_told_as_the_source_tells_it(phase: Phase) -> None:
    snapshot = analysis.take_snapshot(phase.pk, NOW)

    assert snapshot.row_health == {"treatment": {"n": 10, "errors": 1, "fallback": 2, "p95_ms": 99.5, "slow": 3}}


def test_interleaving_counts_a_unit_once_for_the_team_it_clicks_more(phase: Phase, source: ListedSource) -> None:
    type(phase.experiment).objects.filter(pk=phase.experiment_id).update(design="interleaving")
    clicks = {"u1": "aab", "u2": "b", "u3": "bbba", "u4": "ab", "u5": "bb", "u6": ""}
    for unit, teams in clicks.items():
        expose(phase, unit, "control")
        for team in teams:
            source.facts.append((unit, START + timedelta(days=1), f"team_clicks:{team}", 1.0))

    snapshot = analysis.take_snapshot(phase.pk, NOW)

    told = snapshot.interleaving
    assert told is not None
    assert (told["wins_a"], told["wins_b"], told["ties"], told["n_units"]) == (1, 3, 1, 5)
    assert told["p_value"] == pytest.approx(0.625)


def test_phase_without_units_is_inconclusive_and_says_why(phase: Phase) -> None:
    snapshot = analysis.take_snapshot(phase.pk, NOW)

    assert snapshot.total_units == 0
    assert snapshot.results["spent"]["treatment"]["fixed"]["code"] == "no_units"
    assert snapshot.results["spent"]["treatment"]["min_p"] == 1.0
