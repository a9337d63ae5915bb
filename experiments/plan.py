"""What an experiment must have decided before it starts, and the frozen copy of it that its phase is judged by."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from experiments import conf
from experiments.eligibility import IllegalRules, read_rules
from experiments.hooks import find_payload_faults
from experiments.metrics import all_metrics
from experiments.models import Design, Experiment, Phase
from experiments.places import find_rivals
from experiments.shares import find_featured_weight
from experiments.steps import Step, find_step_faults, freeze_steps, read_steps

MAX_GUARDRAILS = 20
# Units of both compared arms at which always-valid intervals are tightest, where the plan computed no number.
DEFAULT_PLANNED_UNITS = 20_000

Weights = Sequence[tuple[str, int]]
Fault = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Guardrail:
    """A metric that must not get worse by more than `margin`, a share of control's value: 0.02 is 2%."""

    metric: str
    margin: float


@dataclass(frozen=True, slots=True)
class RowLimits:
    """Absolute limits of the experiment's own row: shares 0..1, and milliseconds."""

    error_share: float
    fallback_share: float
    p95_ms: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A phase's frozen plan. `planned_end_at` is None for a phase without end; `planned_units` are of both arms."""

    design: str
    primary_metric: str
    secondary_metrics: tuple[str, ...]
    expected_effect: float | None
    mde: float | None
    alpha: float
    power: float
    planned_end_at: datetime | None
    planned_units: int
    guardrails: tuple[Guardrail, ...]
    row_limits: RowLimits
    steps: tuple[Step, ...]
    allocation: str


def find_faults(experiment: Experiment, *, weights_bp: Weights, start_at: datetime) -> list[Fault]:
    """Everything that keeps an experiment from starting, each with its field and what to do about it.

    An A/A test asks no question and may hurt nobody: it needs its metric, its end and equal variations. Interleaving
    compares lists, so that it needs neither effect nor sample size.

    Args:
        experiment: With its flag and variations in the database.
        weights_bp: What the phase would start with.
        start_at: When it would start.

    Returns:
        (field, message) pairs in the order of the form; none when it may start.
    """
    faults = [*_find_question_faults(experiment), *_find_number_faults(experiment)]
    end_at = experiment.planned_end_at
    if end_at is None:
        faults.append(("planned_end_at", "Planned end is missing: give the date on which the result is read."))
    elif end_at <= start_at:
        faults.append(
            ("planned_end_at", f"Planned end is {end_at:%Y-%m-%d %H:%M} UTC, not after the start: give a later date.")
        )
    if experiment.design == Design.AB:
        faults += [("guardrails", message) for message in find_guardrail_faults(experiment.guardrails)]
    faults += [("row_limits", message) for message in find_limit_faults(experiment.row_limits)]
    faults += _find_metric_faults(experiment)
    faults += [("eligibility", message) for message in _find_eligibility_faults(experiment)]
    featured_bp = find_featured(experiment, weights_bp)
    faults += [("steps", message) for message in find_step_faults(experiment.steps, featured_bp)]
    return faults + _find_variation_faults(experiment) + _find_rival_faults(experiment)


def _find_eligibility_faults(experiment: Experiment) -> list[str]:
    try:
        read_rules(experiment.eligibility, conf.eligibility_attributes())
    except IllegalRules as error:
        return [str(error)]
    return []


def freeze_plan(experiment: Experiment, *, weights_bp: Weights, planned_units: int | None = None) -> dict[str, Any]:
    """The plan as JSON for Phase.plan: what was asked and how it is to be judged, complete and typed.

    Args:
        experiment: A faultless one.
        weights_bp: The phase's.
        planned_units: Units of both arms at the planned end; what the planner computed where None, else the default.
    """
    error_share, fallback_share, p95_ms = conf.row_limits()
    limits = {"error_share": error_share, "fallback_share": fallback_share, "p95_ms": p95_ms}
    end_at = experiment.planned_end_at
    return {
        "design": experiment.design,
        "research_note": experiment.research_note,
        "change": experiment.change,
        "primary_metric": experiment.primary_metric,
        "secondary_metrics": list(experiment.secondary_metrics),
        "expected_effect": experiment.expected_effect,
        "mde": experiment.mde,
        "alpha": experiment.alpha,
        "power": experiment.power,
        "planned_end_at": end_at.isoformat() if end_at is not None else None,
        "planned_units": planned_units or experiment.planned_units or DEFAULT_PLANNED_UNITS,
        "guardrails": [{"metric": each["metric"], "margin": each["margin"]} for each in experiment.guardrails],
        "row_limits": {**limits, **experiment.row_limits},
        "steps": freeze_steps(read_steps(experiment.steps, find_featured(experiment, weights_bp))),
        "eligibility": experiment.eligibility,
        "layer": _freeze_slots(experiment),
        "allocation": experiment.allocation,
    }


def _freeze_slots(experiment: Experiment) -> dict[str, Any] | None:
    """Where the phase's units came from, for whoever decides it all again later."""
    layer = experiment.layer
    if layer is None:
        return None
    return {"key": layer.key, "salt": layer.salt, "start": experiment.layer_start, "stop": experiment.layer_stop}


def read_plan(phase: Phase) -> Plan:
    """The phase's plan as a value. A phase from before there were plans has the usual steps and no end."""
    stored: Mapping[str, Any] = phase.plan
    end_at = stored.get("planned_end_at")
    error_share, fallback_share, p95_ms = conf.row_limits()
    limits = {"error_share": error_share, "fallback_share": fallback_share, "p95_ms": p95_ms}
    return Plan(
        design=stored.get("design", Design.AB.value),
        primary_metric=stored.get("primary_metric", ""),
        secondary_metrics=tuple(stored.get("secondary_metrics", ())),
        expected_effect=stored.get("expected_effect"),
        mde=stored.get("mde"),
        alpha=stored.get("alpha", 0.05),
        power=stored.get("power", 0.8),
        planned_end_at=datetime.fromisoformat(end_at) if end_at else None,
        planned_units=stored.get("planned_units", DEFAULT_PLANNED_UNITS),
        guardrails=tuple(Guardrail(each["metric"], each["margin"]) for each in stored.get("guardrails", ())),
        row_limits=RowLimits(**{**limits, **stored.get("row_limits", {})}),
        steps=read_steps(stored.get("steps", ()), find_featured(phase.experiment, phase.read_weights())),
        allocation=stored.get("allocation", "fixed"),
    )


def find_featured(experiment: Experiment, weights_bp: Weights) -> int:
    """Weight of all variations but control, in basis points."""
    control = next((row.key for row in experiment.variations.all() if row.is_control), "")
    return find_featured_weight(weights_bp, control)


def find_guardrail_faults(stored: Any) -> list[str]:
    """What is wrong with stored guardrails, each with its fix."""
    if not isinstance(stored, list) or not stored:
        return ["Guardrails are missing: name at least one metric that must not get worse, with its margin."]
    if len(stored) > MAX_GUARDRAILS:
        return [f"There are {len(stored)} guardrails: keep at most {MAX_GUARDRAILS}."]
    faults = []
    for place, each in enumerate(stored, 1):
        if not isinstance(each, Mapping) or not isinstance(each.get("metric"), str) or not each["metric"]:
            faults.append(f"Guardrail {place} names no metric: give its key.")
        elif not _is_number(each.get("margin")) or not 0 <= each["margin"] < 1:
            margin = each.get("margin")
            faults.append(f"Guardrail {each['metric']!r}: margin == {margin!r}; give a share, 0 to below 1.")
    named = [each["metric"] for each in stored if isinstance(each, Mapping) and "metric" in each]
    faults += [f"Guardrail {key!r} stands there twice: keep one." for key in sorted(set(named)) if named.count(key) > 1]
    return faults


def find_limit_faults(stored: Any) -> list[str]:
    """What is wrong with stored limits of the row, each with its fix."""
    if not isinstance(stored, Mapping):
        return ["row_limits is not an object: give error_share, fallback_share and p95_ms, or {} for the usual ones."]
    faults = []
    for name, limit in stored.items():
        if name not in conf.DEFAULT_ROW_LIMITS:
            faults.append(f"row_limits has no {name!r}: use only {sorted(conf.DEFAULT_ROW_LIMITS)}.")
        elif not _is_number(limit) or not 0 < limit < (math.inf if name == "p95_ms" else 1):
            faults.append(f"row_limits: {name} == {limit!r}; give a share below 1, or milliseconds, above 0.")
    return faults


def _find_question_faults(experiment: Experiment) -> list[Fault]:
    """Faults of what is asked."""
    faults = []
    if experiment.design != Design.AA:
        if not experiment.research_note.strip():
            faults.append(("research_note", "Research note is missing: say what is known and why it is worth a test."))
        if not experiment.change.strip():
            faults.append(("change", "Change is missing: say what is changed, and for whom."))
    if experiment.design != Design.INTERLEAVING and not experiment.primary_metric:
        faults.append(("primary_metric", "Primary metric is missing: name the one metric that decides."))
    if experiment.primary_metric and experiment.primary_metric in experiment.secondary_metrics:
        faults.append(("secondary_metrics", "The primary metric is among the secondary ones: take it out there."))
    return faults


def _find_number_faults(experiment: Experiment) -> list[Fault]:
    """Faults of the effect, the level and the power."""
    faults: list[Fault] = []
    if experiment.design == Design.AB:
        effect, mde = experiment.expected_effect, experiment.mde
        if effect is None or not _is_number(effect) or effect == 0 or effect <= -1:
            faults.append(("expected_effect", "Expected effect is missing: give it in percent, above -100 and not 0."))
        if mde is None or not _is_number(mde) or mde <= 0:
            faults.append(
                ("mde", "Minimum detectable effect is missing: give the smallest one worth finding, above 0.")
            )
    if not _is_number(experiment.alpha) or not 0 < experiment.alpha < 0.5:
        faults.append(("alpha", f"Significance level is {experiment.alpha!r}: give one above 0 and below 0.5."))
    if not _is_number(experiment.power) or not 0.5 <= experiment.power < 1:
        faults.append(("power", f"Power is {experiment.power!r}: give one from 0.5 to below 1."))
    return faults


def _find_metric_faults(experiment: Experiment) -> list[Fault]:
    """Metrics that nobody computes; a project without any has nothing to choose from, and looks at exposures alone."""
    known = all_metrics()
    named = [("primary_metric", experiment.primary_metric)]
    named += [("secondary_metrics", key) for key in experiment.secondary_metrics]
    named += [("guardrails", each["metric"]) for each in experiment.guardrails if isinstance(each.get("metric"), str)]
    told = ", ".join(sorted(known))
    return [
        (field, f"There is no metric {key!r}: choose one of {told}.")
        for field, key in named
        if key and known and key not in known
    ]


def _find_variation_faults(experiment: Experiment) -> list[Fault]:
    rows = list(experiment.variations.all())
    if len(rows) < 2 or sum(row.is_control for row in rows) != 1:
        return [("variations", "Variations are incomplete: give at least two, one of them control.")]
    if experiment.design == Design.AA and any(row.payload != rows[0].payload for row in rows):
        return [("variations", "The variations of an A/A test differ: give all the same payload.")]
    if experiment.design == Design.INTERLEAVING and len(rows) != 2:
        return [("variations", f"Interleaving compares two lists, not {len(rows)}: keep control and one other.")]
    told = (f"{row.name}: {fault}" for row in rows for fault in find_payload_faults(row.payload, experiment.design))
    return [("variations", message) for message in dict.fromkeys(told)]


def _find_rival_faults(experiment: Experiment) -> list[Fault]:
    rivals = find_rivals(experiment)
    if not rivals:
        return []
    names = ", ".join(repr(rival.name) for rival in rivals)
    told = (
        f"{names}: open, and deciding on the same place of the page, so that shoppers would change hands as shares "
        "grow. Put both into one layer before they start, or complete the other first."
    )
    return [("layer", told)]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
