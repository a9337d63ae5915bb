"""Phases that were looked at daily: sums without luck, results as the product reads them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from experiments import readouts, sums
from experiments.conf import now
from experiments.models import Experiment, Phase, Snapshot
from experiments.plan import freeze_plan
from experiments.readouts import Question
from experiments.stats import Arm
from tests.fakes.measured import METRICS

CONTROL = "control"


@dataclass(frozen=True)
class Outcome:
    """What one variation's units do on average."""

    conversion: float = 0.05
    revenue: float = 3.0
    orders: float = 0.06
    latency_ms: float = 80.0
    recommended_ctr: float = 0.03
    popular_ctr: float = 0.04


@dataclass(frozen=True)
class Past:
    """A phase's past: days, units a day and variation, and what each variation does."""

    days: int = 14
    per_day: int = 1000
    outcomes: Mapping[str, Outcome] = field(default_factory=lambda: {CONTROL: Outcome(), "treatment": Outcome()})
    planned_days: int = 28
    planned_units: int = 40_000
    is_final: bool = False
    split: Mapping[str, float] = field(default_factory=dict)
    # Even ones where none are named.
    weights: tuple[tuple[str, int], ...] = ()
    n_crossover: int = 0
    # Share of each variation's units for which the variations differ; 0.7 where it is not named.
    triggered: Mapping[str, float] = field(default_factory=dict)
    interleaving: tuple[int, int, int] | None = None


def spread(n: int, mean: float, variance: float, x: float = 0.0) -> Arm:
    """An arm with exactly these moments; x is the same for every unit."""
    return Arm(n, mean, max(0, n - 1) * variance, x)


def count_ctr(n: int, rate: float) -> Arm:
    """Clicks over impressions: twenty impressions a unit, both heavy-tailed and correlated."""
    shown = 20.0
    degrees = max(0, n - 1)
    return Arm(n, shown * rate, degrees * shown * rate * 2, shown, degrees * 400.0, degrees * 400.0 * rate)


def measure(n: int, outcome: Outcome) -> dict[str, Arm]:
    """Every metric's sums of n units."""
    return {
        "conversion": Arm.from_counts(n=n, successes=round(n * outcome.conversion)),
        "revenue": spread(n, outcome.revenue, 20.0**2),
        "orders": spread(n, outcome.orders, 0.08),
        "latency": spread(n, outcome.latency_ms, 40.0**2),
        "recommended_ctr": count_ctr(n, outcome.recommended_ctr),
        "popular_ctr": count_ctr(n, outcome.popular_ctr),
    }


def live(experiment: Experiment, past: Past = Past(), *, until: datetime | None = None) -> Phase:
    """A phase of this past with one snapshot a day, its newest one as of `until`."""
    end = until or now()
    started_at = end - timedelta(days=past.days)
    experiment.planned_end_at = started_at + timedelta(days=past.planned_days)
    experiment.save(update_fields=["planned_end_at"])
    keys = [row.key for row in experiment.variations.all()]
    weights = list(past.weights) or [(key, 10_000 // len(keys)) for key in keys]
    phase = Phase.objects.create(
        experiment=experiment,
        number=experiment.phases.count() + 1,
        coverage_bp=6000,
        weights_bp=weights,
        plan=freeze_plan(experiment, weights_bp=weights, planned_units=past.planned_units),
        started_at=started_at,
        step_started_at=started_at,
        ended_at=end if past.is_final else None,
    )
    for day in range(1, past.days + 1):
        look(phase, past, day, started_at + timedelta(days=day))
    return phase


def look(phase: Phase, past: Past, day: int, at: datetime) -> Snapshot:
    """The snapshot at the end of one day."""
    units = {key: round(past.per_day * day * past.split.get(key, 1.0)) for key in past.outcomes}
    by_variation = {key: measure(n, past.outcomes[key]) for key, n in units.items()}
    arms = {metric.key: {key: found[metric.key] for key, found in by_variation.items()} for metric in METRICS}
    covariates = {"revenue": {key: correlate(arm) for key, arm in arms["revenue"].items()}}
    planned = phase.plan
    question = Question(
        control=CONTROL,
        n_planned=planned["planned_units"],
        alpha=planned["alpha"],
        is_planned_end=day >= past.planned_days,
        success=(planned["primary_metric"],),
    )
    previous = Snapshot.objects.filter(phase=phase).first()
    held: Mapping[str, Any] = previous.results if previous is not None else {}
    wins = dict(zip(("wins_a", "wins_b", "ties"), past.interleaving or (), strict=False))
    return Snapshot.objects.create(
        phase=phase,
        taken_at=at,
        watermark_at=at - timedelta(minutes=1),
        is_final=past.is_final and day == past.days,
        n_units=units,
        n_crossover=past.n_crossover,
        sums={key: sums.store(each) for key, each in arms.items()},
        covariates={key: sums.store(each) for key, each in covariates.items()},
        results=readouts.read_results(METRICS, arms, covariates, question, held),
        triggered=store_triggered(arms, past.triggered),
        segments=store_segments(arms) if day == past.days else None,
        interleaving={**wins, "n_units": sum(wins.values())} if past.interleaving else None,
    )


def correlate(arm: Arm) -> Arm:
    """The same outcome beside a covariate that explains a quarter of it."""
    return replace(arm, mean_x=10.0, centred_xx=arm.centred_yy / 4, centred_xy=arm.centred_yy / 4)


def part(arm: Arm, share: float) -> Arm:
    """A part of the units, like all others."""
    kept = round(arm.n * share)
    scale = max(0, kept - 1) / max(1, arm.n - 1)
    return replace(
        arm,
        n=kept,
        mean_y=arm.mean_y,
        centred_yy=arm.centred_yy * scale,
        centred_xx=arm.centred_xx * scale,
        centred_xy=arm.centred_xy * scale,
    )


def part_all(arms: Mapping[str, Mapping[str, Arm]], share: float) -> dict[str, dict[str, Arm]]:
    """A part of every variation; whole successes where the metric counts them."""
    found: dict[str, dict[str, Arm]] = {}
    for key, by_variation in arms.items():
        found[key] = {}
        for variation, arm in by_variation.items():
            n = round(arm.n * share)
            counted = Arm.from_counts(n=n, successes=round(n * arm.mean_y)) if key == "conversion" else part(arm, share)
            found[key][variation] = counted
    return found


def store_triggered(arms: Mapping[str, Mapping[str, Arm]], shares: Mapping[str, float]) -> dict[str, Any]:
    triggered: dict[str, dict[str, Arm]] = {key: {} for key in arms}
    for variation in arms["conversion"]:
        alone = {key: {variation: by_variation[variation]} for key, by_variation in arms.items()}
        for key, found in part_all(alone, shares.get(variation, 0.7)).items():
            triggered[key] |= found
    n_units = {variation: arm.n for variation, arm in triggered["conversion"].items()}
    return {"n_units": n_units, "sums": {key: sums.store(each) for key, each in triggered.items()}, "results": {}}


def store_segments(arms: Mapping[str, Mapping[str, Arm]]) -> list[dict[str, Any]]:
    return [
        {
            "attribute": name,
            "value": value,
            "sums": {key: sums.store(each) for key, each in part_all(arms, share).items()},
        }
        for name, value, share in (("device", "desktop", 0.4), ("device", "phone", 0.6), ("history", "new", 0.3))
    ]
