"""Metrics made in the admin: the same kinds over the same facts as those that the project declares in code."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from experiments.models import Metric
from experiments.sources import Fact, metric_source

NOTHING = ("", "---------")


class MetricForm(forms.ModelForm):  # type: ignore[type-arg]
    """Facts are chosen from what the project tells, never typed."""

    class Meta:
        model = Metric
        fields: ClassVar = [
            "name",
            "key",
            "description",
            "kind",
            "numerator",
            "denominator",
            "window_days",
            "cap",
            "higher_is_better",
            "covariate",
            "is_active",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        facts = metric_source().list_facts()
        early = [fact for fact in facts if fact.is_early]
        for name, offered in (("numerator", facts), ("denominator", facts), ("covariate", early)):
            # Somebody who may only look has no such fields.
            if name in self.fields:
                described = self.fields[name]
                choices = ([] if name == "numerator" else [NOTHING]) + [_choice(fact) for fact in offered]
                self.fields[name] = forms.ChoiceField(
                    choices=choices, required=name == "numerator", help_text=described.help_text, label=described.label
                )

    def clean_key(self) -> str:
        """A key that the code has taken would never be read."""
        key: str = self.cleaned_data["key"]
        if key in {metric.key for metric in metric_source().list_metrics()}:
            raise ValidationError(f"key: {key!r} is declared in code. Choose another one.")
        return key


@admin.register(Metric)
class MetricAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = MetricForm
    list_display = ("name", "key", "kind", "numerator", "denominator", "window_days", "cap", "is_active")
    search_fields = ("name", "key")

    def get_readonly_fields(self, request: HttpRequest, obj: Metric | None = None) -> tuple[str, ...]:  # noqa: ARG002
        """What old results were made of stays as it was; another definition is another metric."""
        if obj is None:
            return ()
        return ("key", "kind", "numerator", "denominator", "window_days", "cap", "higher_is_better", "covariate")

    def has_delete_permission(self, request: HttpRequest, obj: Metric | None = None) -> bool:  # noqa: ARG002
        """It is switched off, not deleted, so that old results can be told."""
        return False


def _choice(fact: Fact) -> tuple[str, str]:
    return fact.key, f"{fact.key}: {fact.description}"
