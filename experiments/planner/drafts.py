"""From an experiment's draft to its plan and back: what is measured, what is asked, what is written down."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from experiments import conf
from experiments.exceptions import ExperimentsError
from experiments.metrics import UnknownMetric, all_metrics
from experiments.models import Experiment, Status
from experiments.planner.baseline import measure_baseline
from experiments.planner.sizing import PlanError, size
from experiments.planner.values import Baseline, SizePlan, Wish

DEFAULT_MDE = 0.05
# Coverage of the last usual step: the share that most of a test runs at.
DEFAULT_COVERAGE = 0.6
LEAST_WEEKS = 2
# Experiments that ask for this can write their plan down.
PLANNABLE = frozenset({Status.DRAFT, Status.SCHEDULED})


class NotPlannable(ExperimentsError):
    """The experiment has started: what it asks is frozen."""

    code = "not_plannable"


@dataclass(frozen=True, slots=True)
class Given:
    """A baseline that somebody knows better than the data do; `daily_units` are new shoppers a day."""

    value: float
    deviation: float | None = None
    daily_units: int | None = None


def find_baseline(metric: str, given: Given | None = None, *, now: datetime | None = None) -> Baseline:
    """The baseline of a metric: as given, else measured.

    Args:
        metric: Its key.
        given: Replaces the measurement; without daily units no duration can be told.
        now: The present; the project's clock where None.

    Raises:
        UnknownMetric: `unknown_metric`.
        PlanError: It cannot be measured, or a mean or a ratio was given without its deviation.
    """
    known = all_metrics()
    if metric not in known:
        raise UnknownMetric(metric, known)
    definition = known[metric]
    if given is None:
        return measure_baseline(definition, now=now)
    if definition.kind != "proportion" and given.deviation is None:
        raise PlanError(
            f"{definition.name} needs its standard deviation per shopper beside the baseline: give it, or measure both."
        )
    daily = given.daily_units or 0
    return Baseline(
        metric=definition.name,
        kind=definition.kind,
        value=given.value,
        variance=None if given.deviation is None else given.deviation**2,
        cumulative_units=tuple(daily * day for day in range(1, 15)) if daily else (),
        unit=definition.measured,
    )


def find_wish(experiment: Experiment | None = None, **fields: Any) -> Wish:
    """What is asked: of a draft, with the given fields instead where they are not None.

    Args:
        experiment: The draft, with its variations; the usual figures where None.
        fields: mde, alpha, power, n_treatments, coverage_share.
    """
    asked: dict[str, Any] = {"mde": DEFAULT_MDE, "coverage_share": DEFAULT_COVERAGE}
    if experiment is not None:
        asked |= {"mde": experiment.mde or DEFAULT_MDE, "alpha": experiment.alpha, "power": experiment.power}
        asked["n_treatments"] = max(1, experiment.variations.count() - 1)
    return Wish(**{**asked, **{name: value for name, value in fields.items() if value is not None}})


def write_plan(key: str, *, wish: Wish, plan: SizePlan, now: datetime | None = None) -> Experiment:
    """Write a plan into a draft: effect, level, power, sample and, where it is known, the planned end.

    Args:
        key: The experiment's.
        wish: What was asked.
        plan: The answer.
        now: When it would start; the project's clock where None.

    Raises:
        UnknownExperiment: `unknown_experiment`.
        NotPlannable: `not_plannable`, once it has started.
    """
    with transaction.atomic():
        experiment = Experiment.objects.locked(key)
        if experiment.status not in PLANNABLE:
            raise NotPlannable(f"{key!r} has started: what it asks is frozen. Plan the next phase as a draft.")
        experiment.mde, experiment.alpha, experiment.power = wish.mde, wish.alpha, wish.power
        experiment.planned_units = plan.n_compared
        if plan.weeks is not None:
            experiment.planned_end_at = (now or conf.now()) + timedelta(weeks=max(LEAST_WEEKS, plan.weeks))
        experiment.save(update_fields=["mde", "alpha", "power", "planned_units", "planned_end_at"])
    return experiment


def make_plan(metric: str, wish: Wish, given: Given | None = None) -> tuple[Baseline, SizePlan]:
    """Baseline and plan in one go.

    Raises:
        UnknownMetric: `unknown_metric`.
        PlanError: What was asked cannot be planned.
    """
    baseline = find_baseline(metric, given)
    return baseline, size(baseline, wish)
