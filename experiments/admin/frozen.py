"""An experiment's plan as it is read once it may not be changed any more."""

from typing import Any

from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from experiments.admin.choices import list_metric_choices
from experiments.admin.plan_fields import write_percent
from experiments.models import Experiment
from experiments.shares import format_percent
from experiments.steps import DEFAULT_SEEN_BP

NOTHING = "-"

# What the form edits in a draft -> what stands in its place afterwards.
SHOWN_INSTEAD = {
    "flag_name": "flag",
    "primary_metric": "shown_metric",
    "expected_effect": "shown_effect",
    "secondary_metrics": "shown_further",
    "mde": "shown_mde",
    "guardrails": "shown_guardrails",
    "limit_errors": "shown_limits",
    "steps": "shown_steps",
    "eligibility": "shown_eligibility",
    "layer_start": "shown_slots",
}


class FrozenPlanMixin:
    """One display method for each field that is stored in another shape than people read."""

    @admin.display(description="Primary metric")
    def shown_metric(self, experiment: Experiment) -> str:
        return _name_metrics([experiment.primary_metric])

    @admin.display(description="Expected effect")
    def shown_effect(self, experiment: Experiment) -> str:
        return _show_relative(experiment.expected_effect)

    @admin.display(description="Further metrics")
    def shown_further(self, experiment: Experiment) -> str:
        return _name_metrics(experiment.secondary_metrics)

    @admin.display(description="Smallest effect worth finding")
    def shown_mde(self, experiment: Experiment) -> str:
        return _show_relative(experiment.mde)

    @admin.display(description="Guardrails")
    def shown_guardrails(self, experiment: Experiment) -> SafeString | str:
        names = dict(list_metric_choices())
        return _list_lines(
            f"{names.get(row['metric'], row['metric'])}: not worse by more than {write_percent(row['margin'])}%"
            for row in experiment.guardrails
        )

    @admin.display(description="Limits of the row")
    def shown_limits(self, experiment: Experiment) -> SafeString | str:
        limits = experiment.row_limits
        lines = [
            f"{label} {write_percent(limits[name])}%"
            for name, label in (("error_share", "Errors at most"), ("fallback_share", "Fallbacks at most"))
            if name in limits
        ]
        lines += [f"95th percentile at most {limits['p95_ms']:g} ms"] if "p95_ms" in limits else []
        return _list_lines(lines) if lines else "The usual ones"

    @admin.display(description="Steps")
    def shown_steps(self, experiment: Experiment) -> SafeString | str:
        if not experiment.steps:
            return f"The usual ones: {', '.join(map(format_percent, DEFAULT_SEEN_BP))} see it"
        return _list_lines(_tell_step(step) for step in experiment.steps)

    @admin.display(description="Who may take part")
    def shown_eligibility(self, experiment: Experiment) -> SafeString | str:
        rules = experiment.eligibility
        return _list_lines(f"{rule['attribute']}: {', '.join(rule['is'])}" for rule in rules) if rules else "Everybody"

    @admin.display(description="Its part of the layer")
    def shown_slots(self, experiment: Experiment) -> str:
        if experiment.layer_start is None or experiment.layer_stop is None:
            return NOTHING
        share = format_percent(experiment.layer_stop - experiment.layer_start)
        return f"{share}: buckets {experiment.layer_start} to {experiment.layer_stop}"


def describe_question(experiment: Experiment) -> dict[str, str]:
    """What is asked, in words; empty where it is not decided yet."""
    return {
        "metric": _name_metrics([experiment.primary_metric]) if experiment.primary_metric else "",
        "effect": _show_relative(experiment.expected_effect) if experiment.expected_effect is not None else "",
        "mde": _show_relative(experiment.mde) if experiment.mde is not None else "",
    }


def _show_relative(share: float | None) -> str:
    return NOTHING if share is None else f"{write_percent(share)}%"


def _name_metrics(keys: list[str]) -> str:
    names = dict(list_metric_choices())
    return ", ".join(names.get(key, key) for key in keys if key) or NOTHING


def _tell_step(step: dict[str, Any]) -> str:
    parts = [f"{format_percent(step['seen_bp'])} see it for at least {step['hours']:g} hours"]
    if step.get("min_units") is not None:
        parts.append(f"{step['min_units']} shoppers in each variation")
    if step.get("needs_approval"):
        parts.append("entered only once approved")
    return ", ".join(parts)


def _list_lines(lines: Any) -> SafeString | str:
    told = list(lines)
    return render_to_string("admin/experiments/forms/lines.html", {"lines": told}) if told else NOTHING
