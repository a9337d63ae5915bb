"""The form of a draft: the question, the plan that a start demands, the ramp and who may take part."""

import re
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from experiments.admin.choices import list_metric_choices
from experiments.admin.plan_fields import (
    EligibilityField,
    EligibilityTextField,
    GuardrailsField,
    PercentField,
    StepsField,
    WhenField,
    write_percent,
)
from experiments.bucketing import BUCKETS
from experiments.conf import eligibility_attributes, now, row_limits
from experiments.models import Experiment, Layer

FLAG_NAME = re.compile(r"[A-Za-z0-9_.-]+")
THOMPSON_COST = (
    "Thompson sampling sends more shoppers to what looks better. It loses fewer orders while it runs; its intervals "
    "are biased, so only fixed weights give a verdict."
)


class FrozenForm(forms.ModelForm):  # type: ignore[type-arg]
    """What is left to edit once an experiment has started."""

    def _get_validation_exclusions(self) -> set[str]:
        """Constraints depend on the status, which no form holds."""
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - {"status"}


class ExperimentForm(FrozenForm):
    """Everything that a draft may still change. Shares are typed in percent and kept as shares."""

    flag_name = forms.CharField(
        label="Flag",
        max_length=100,
        required=False,
        help_text="The flag in front of it, made where it does not exist; the key with underscores where empty.",
    )
    expected_effect = PercentField(
        label="Expected effect, in %", required=False, help_text="How much the metric should move: 5 or -2."
    )
    mde = PercentField(
        label="Smallest effect worth finding, in %",
        required=False,
        least=0.01,
        help_text="The sample is sized to find it with the power above. 5 means 5% of control's value.",
    )
    limit_errors = PercentField(label="Errors of the row, at most in %", required=False, least=0.01, most=99)
    limit_fallbacks = PercentField(label="Fallbacks of the row, at most in %", required=False, least=0.01, most=99)
    limit_p95 = forms.FloatField(
        label="Slowest 5% of the row, at most in ms", required=False, min_value=1, max_value=60_000
    )
    planned_end_at = WhenField(label="Planned end", required=False)

    class Meta:
        model = Experiment
        fields: ClassVar = [
            "key",
            "name",
            "design",
            "research_note",
            "change",
            "primary_metric",
            "expected_effect",
            "secondary_metrics",
            "alpha",
            "power",
            "mde",
            "planned_end_at",
            "guardrails",
            "steps",
            "eligibility",
            "allocation",
            "layer",
            "layer_start",
            "layer_stop",
        ]
        labels: ClassVar = {
            "change": "What is changed",
            "alpha": "Significance level",
            "layer_start": "First bucket",
            "layer_stop": "Bucket after the last",
        }
        help_texts: ClassVar = {
            "name": "What people read.",
            "design": "An A/A test gives everyone the same and must find nothing; interleaving mixes two lists.",
            "alpha": "Chance to call a difference where there is none; usually 0.05.",
            "power": "Chance to find the smallest effect worth finding; usually 0.8.",
            "allocation": THOMPSON_COST,
            "layer": "Experiments of one layer never share a shopper.",
            "layer_start": "Of the layer's 10,000; 0 for the first.",
            "layer_stop": "10000 for all of them. Empty, like the first: what is free is claimed at the start.",
        }
        widgets: ClassVar = {
            "research_note": forms.Textarea(attrs={"rows": 3}),
            "change": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        metrics = list_metric_choices()
        self._add_field("primary_metric", _choose_metric(metrics))
        self._add_field("secondary_metrics", _choose_metrics(metrics))
        self._add_field("guardrails", GuardrailsField(metrics=metrics, help_text=GUARDRAILS_HELP))
        self._add_field("steps", StepsField(help_text=STEPS_HELP))
        self._add_field("eligibility", _choose_eligible())
        if "layer" in self.fields:
            self.fields["layer"].queryset = Layer.objects.order_by("name")  # type: ignore[attr-defined]
        if "planned_end_at" in self.fields:
            zone = timezone.get_current_timezone_name()
            self.fields["planned_end_at"].help_text = f"When the result is read, in {zone} time; two weeks or more."
        if self.instance.pk:
            self.initial["flag_name"] = self.instance.flag.name
            self.initial.update((typed, self.instance.row_limits.get(stored)) for typed, stored in LIMITS.items())
        self._tell_usual_limits()

    def _tell_usual_limits(self) -> None:
        errors, fallbacks, p95_ms = row_limits()
        usual = {
            "limit_errors": show_percent(errors),
            "limit_fallbacks": show_percent(fallbacks),
            "limit_p95": f"{p95_ms:g} ms",
        }
        for name, value in usual.items():
            if name in self.fields:
                self.fields[name].help_text = f"It is rolled back beyond. Empty: {value}."

    def clean_flag_name(self) -> str:
        """A name of a flag that stands before no other experiment."""
        known = self.instance.flag.name if self.instance.pk else str(self.cleaned_data.get("key", "")).replace("-", "_")
        name = self.cleaned_data["flag_name"] or known
        if not FLAG_NAME.fullmatch(name):
            raise ValidationError(f"{name!r} is no flag's name. Use letters, digits, dots, dashes and underscores.")
        taken = Experiment.objects.filter(flag__name=name).exclude(pk=self.instance.pk).first()
        if taken is not None:
            raise ValidationError(f"Flag {name!r} stands before {taken.name!r}. Give this experiment one of its own.")
        return name

    def clean_planned_end_at(self) -> Any:
        """A time to come."""
        ends_at = self.cleaned_data["planned_end_at"]
        if ends_at is not None and "planned_end_at" in self.changed_data and ends_at <= now():
            raise ValidationError("Planned end is over already. Give a time to come.")
        return ends_at

    def clean(self) -> dict[str, Any]:
        """What no field can tell alone."""
        cleaned = super().clean() or self.cleaned_data
        guarded = {row["metric"] for row in cleaned.get("guardrails") or ()}
        primary = cleaned.get("primary_metric")
        if primary and primary in (cleaned.get("secondary_metrics") or ()):
            self.add_error("secondary_metrics", "The primary metric decides already. Untick it here.")
        if primary and primary in guarded:
            self.add_error("guardrails", "The primary metric is tested already. Guard another one.")
        self._clean_layer(cleaned)
        self._clean_limits(cleaned)
        return cleaned

    def _clean_layer(self, cleaned: dict[str, Any]) -> None:
        layer, start, stop = (cleaned.get(name) for name in ("layer", "layer_start", "layer_stop"))
        if layer is None:
            if start is not None or stop is not None:
                self.add_error("layer", "Buckets belong to a layer. Choose one, or empty both buckets.")
        elif (start is None) != (stop is None):
            self.add_error("layer_stop", "Give both buckets, or neither to have free ones claimed at the start.")
        elif start is not None and stop is not None and start >= stop:
            self.add_error("layer_stop", f"Ends at {stop} but starts at {start}. Give a larger bucket.")
        elif stop is not None and stop > BUCKETS:
            self.add_error("layer_stop", f"A layer has {BUCKETS:,} buckets. Give at most that.")

    def _clean_limits(self, cleaned: dict[str, Any]) -> None:
        """What was given of the three limits; the usual ones hold for the rest."""
        if "limit_errors" in self.fields:
            given = {stored: cleaned.get(typed) for typed, stored in LIMITS.items()}
            self.instance.row_limits = {name: value for name, value in given.items() if value is not None}

    def _add_field(self, name: str, field: forms.Field) -> None:
        if name in self.fields:
            field.label = field.label or self.fields[name].label
            self.fields[name] = field


LIMITS = {"limit_errors": "error_share", "limit_fallbacks": "fallback_share", "limit_p95": "p95_ms"}
GUARDRAILS_HELP = "Metrics that must not get worse by more than the margin; a start demands at least one."
STEPS_HELP = "The ramp, by the share that sees it. Empty: 1, 2.5, 7.5, 15 and 30%."
ELIGIBILITY_HELP = "Who may take part, by what no variation can change. No tick of an attribute: it does not matter."


def show_percent(share: float | None) -> str:
    """A stored share for people; a dash where there is none."""
    return "-" if share is None else f"{write_percent(share)}%"


def _choose_metric(metrics: list[tuple[str, str]]) -> forms.Field:
    return forms.ChoiceField(
        choices=[("", "---------"), *metrics],
        required=False,
        label="Primary metric",
        help_text="The one metric that decides.",
    )


def _choose_metrics(metrics: list[tuple[str, str]]) -> forms.Field:
    return forms.MultipleChoiceField(
        choices=metrics,
        required=False,
        label="Further metrics",
        widget=forms.CheckboxSelectMultiple,
        help_text="Explored beside the primary one, and corrected for being many; they decide nothing.",
    )


def _choose_eligible() -> forms.Field:
    known = eligibility_attributes()
    if known is not None:
        return EligibilityField(attributes=known, label="Who may take part", help_text=ELIGIBILITY_HELP)
    return EligibilityTextField(label="Who may take part", help_text="One rule a line; all must be met.")
