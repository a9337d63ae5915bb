"""A thousand A/A tests through the shop's own tables, SQL and report: as many false alarms as the level promises."""

import hashlib
import os
import random
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest

from experiments import analysis, exposures
from experiments.bucketing import choose_variation
from experiments.definitions import VariationDefinition, ensure_experiment
from experiments.exposures import Exposed
from experiments.models import Experiment, Exposure, Phase, Snapshot, UnitTotals
from experiments.report.build import build_report
from recommendations.events import ids, store
from recommendations.events.schema import PageServed, Record, ServedList
from recommendations.ports import Interaction
from storefront.measuring import source
from storefront.measuring.metrics import METRICS
from tests.factories.histories import START

# Each look commits, as in the shop: one transaction would hold the locks of every temporary table to its end.
pytestmark = [pytest.mark.soak, pytest.mark.django_db(transaction=True)]

N_RUNS = int(os.environ.get("SOAK_AA_RUNS", "1000"))
N_UNITS = 1_000
DAYS = 14
ALPHA = 0.05
KEY, METRIC = "aa-thousand", "homepage_ctr"
WEIGHTS = (("control", 5_000), ("treatment", 5_000))


def population(rng: random.Random) -> Iterator[tuple[Record, ...]]:
    """Each unit's records: heavy-tailed numbers of homepage views, and clicks as readily as each unit happens to."""
    for number in range(N_UNITS):
        unit, first_at = f"aa-{number:05}", START + timedelta(days=DAYS * rng.random())
        eagerness = rng.betavariate(1.0, 4.0)
        at, records = first_at, list[Record]()
        for _ in range(min(60, int(rng.paretovariate(1.1)))):
            page = ids.uuid7(at)
            records.append(PageServed(page, unit, "s", "home", 200, 10.0, None, "", at))
            if rng.random() < eagerness:
                shown = ids.uuid7(at)
                records.append(ServedList(shown, unit, "s", page, "most-popular", "popular", ("ITEM-1",), at))
                records.append(
                    Interaction(ids.uuid7(at), unit, "s", "ITEM-1", "row_click", at, at, recommendation_id=shown)
                )
            at += timedelta(minutes=5 + rng.expovariate(1 / 600))
        yield tuple(records)


def look_through(experiment: Experiment, number: int, firsts: dict[str, PageServed]) -> tuple[float, float, float]:
    """One A/A test: the fixed p-value at its end, the least always-valid one of its days, and the report's own."""
    salt = hashlib.md5(f"aa {number}".encode()).hexdigest()
    plan = {"design": "aa", "planned_units": N_UNITS, "alpha": ALPHA, "primary_metric": METRIC}
    plan["planned_end_at"] = (START + timedelta(days=DAYS)).isoformat()
    phase = Phase.objects.create(
        experiment=experiment,
        number=number + 1,
        coverage_bp=10_000,
        weights_bp=[list(pair) for pair in WEIGHTS],
        salt=salt,
        plan=plan,
        started_at=START,
        step_started_at=START,
    )
    exposures.insert(
        [
            Exposed(unit, phase.pk, choose_variation(salt, unit, WEIGHTS), page.served_at)
            for unit, page in firsts.items()
        ]
    )
    for day in range(1, DAYS + 1):
        snapshot = analysis.take_snapshot(phase.pk, START + timedelta(days=day))
    found = snapshot.results[METRIC]["treatment"]
    report = build_report(KEY, phase_number=phase.number, now=START + timedelta(days=DAYS))
    shift = next(metric for metric in report.metrics if metric.key == METRIC).comparisons[0].shift
    assert shift is not None
    Phase.objects.filter(pk=phase.pk).update(ended_at=START + timedelta(days=DAYS))
    for model in (UnitTotals, Exposure, Snapshot):
        model.objects.filter(phase_id=phase.pk).delete()
    return float(found["fixed"]["p_value"]), float(found["min_p"]), shift.p_value


@pytest.fixture
def one_metric(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fourteen thousand looks at one metric; the others would only make them longer."""
    monkeypatch.setattr(source, "METRICS", tuple(metric for metric in METRICS if metric.key == METRIC))


@pytest.mark.usefixtures("one_metric")
def test_a_thousand_aa_tests_raise_as_many_false_alarms_as_promised() -> None:
    experiment = ensure_experiment(
        key=KEY,
        name="A thousand A/A tests",
        flag_name="aa_thousand",
        variations=(
            VariationDefinition("control", "As it is", {"rule": "trending"}, is_control=True),
            VariationDefinition("treatment", "As it is", {"rule": "trending"}),
        ),
    )
    records = list(population(random.Random(20261122)))
    store.store([record for unit in records for record in unit])
    firsts = {unit[0].shopper_key: unit[0] for unit in records if isinstance(unit[0], PageServed)}
    alarms: Counter[str] = Counter()

    for number in range(N_RUNS):
        fixed, always_valid, reported = look_through(experiment, number, firsts)
        alarms["fixed"] += fixed < ALPHA
        alarms["always valid"] += always_valid < ALPHA
        assert reported == pytest.approx(fixed)

    assert 0.035 <= alarms["fixed"] / N_RUNS <= 0.065, alarms
    assert alarms["always valid"] / N_RUNS <= ALPHA, alarms
