"""What the planner asks for: a metric, the effect worth finding, and a baseline where the data are not to be asked."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from experiments.admin.plan_fields import PercentField
from experiments.metrics import all_metrics
from experiments.planner.drafts import Given

LARGEST = 1e12


class PlannerForm(forms.Form):
    """A wish; with a baseline typed in, nothing is measured."""

    metric = forms.ChoiceField(label="Metric")
    mde = PercentField(label="Smallest effect worth finding, in %", least=0.01, most=1000)
    alpha = forms.FloatField(label="Significance level", min_value=0.0001, max_value=0.4999)
    power = forms.FloatField(label="Power", min_value=0.5, max_value=0.9999)
    coverage = PercentField(label="Share in the test, in %", least=0.01, most=100)
    baseline = forms.FloatField(
        label="Baseline by hand",
        required=False,
        min_value=-LARGEST,
        max_value=LARGEST,
        help_text="Empty: measured over the last 28 days. A share is 0.05 for 5%.",
    )
    deviation = forms.FloatField(
        label="Its standard deviation",
        required=False,
        min_value=0.0,
        max_value=LARGEST,
        help_text="Per shopper; for everything that is no share of shoppers.",
    )
    daily_units = forms.IntegerField(
        label="New shoppers a day", required=False, min_value=1, max_value=10**9, help_text="With a baseline by hand."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["metric"] = forms.ChoiceField(
            label="Metric", choices=[(metric.key, metric.name) for metric in all_metrics().values()]
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        has_more = cleaned.get("deviation") is not None or cleaned.get("daily_units") is not None
        if has_more and cleaned.get("baseline") is None and "baseline" not in self.errors:
            self.add_error("baseline", ValidationError("Baseline is missing. Give it too, or empty all three."))
        return cleaned

    def read_given(self) -> Given | None:
        """The baseline by hand, or None to measure it."""
        if self.cleaned_data.get("baseline") is None:
            return None
        return Given(
            self.cleaned_data["baseline"], self.cleaned_data.get("deviation"), self.cleaned_data.get("daily_units")
        )
