"""The variations of a draft: keys, weights and payloads, checked together before anything is saved."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from experiments.admin.plan_fields import ShareField
from experiments.bucketing import BUCKETS
from experiments.hooks import find_payload_faults
from experiments.models import Variation

MAX_VARIATIONS = 8


class PayloadField(forms.JSONField):
    """A JSON object; what is wrong is said with the place and an example."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 2, "cols": 36, "spellcheck": "false", "class": "xp-payload"})
        super().__init__(required=False, widget=widget, **kwargs)

    def to_python(self, value: Any) -> Any:
        if not str(value or "").strip():
            return {}
        try:
            payload = json.loads(value) if isinstance(value, str) else value
        except json.JSONDecodeError as error:
            raise ValidationError(
                f"Not JSON at line {error.lineno}, character {error.colno}: {error.msg}. "
                'Write names and values in double quotes, for example {"rule": "trending"}.'
            ) from error
        if not isinstance(payload, dict):
            raise ValidationError('Not an object. Write it in braces, for example {"rule": "trending"}.')
        return payload

    def prepare_value(self, value: Any) -> Any:
        return super().prepare_value(value) if value else ""

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != (initial or {}))
        except ValidationError:
            return True


class VariationForm(forms.ModelForm):  # type: ignore[type-arg]
    """One variation of a draft."""

    weight_bp = ShareField(label="Weight, in %", placeholder="equal")
    payload = PayloadField(label="Payload")

    class Meta:
        model = Variation
        fields: ClassVar = ["key", "name", "is_control", "weight_bp", "payload"]


class VariationFormSet(forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """All variations of one experiment: at least two, one of them control, weights that add up."""

    def clean(self) -> None:
        """Refuse variations that nobody could be assigned to."""
        super().clean()
        if any(self.errors):
            return
        kept = [form for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        faults = [*_find_set_faults([form.cleaned_data for form in kept]), *self._find_frozen_faults(kept)]
        for form in kept:
            self._check_payload(form)
        if faults:
            raise ValidationError(faults)

    def save(self, commit: bool = True) -> Any:  # noqa: FBT001, FBT002
        """Number new variations after the old ones; let control move from one to another in one go."""
        taken = [form.instance.position for form in self.initial_forms]
        for place, form in enumerate(self.extra_forms, start=max(taken, default=-1) + 1):
            form.instance.position = place
        if commit and any("is_control" in form.changed_data for form in self.forms):
            Variation.objects.filter(experiment=self.instance, is_control=True).update(is_control=False)
        return super().save(commit)

    def _check_payload(self, form: forms.ModelForm) -> None:  # type: ignore[type-arg]
        payload: Mapping[str, Any] = form.cleaned_data.get("payload") or {}
        for fault in find_payload_faults(payload, self.instance.design):
            form.add_error("payload", fault)

    def _find_frozen_faults(self, kept: list[Any]) -> list[str]:
        """Shoppers have seen them in an earlier phase: who they were then must still be told."""
        if not self.instance.pk or not self.instance.phases.exists():
            return []
        stored = list(self.instance.variations.values_list("key", flat=True))
        if [form.cleaned_data["key"] for form in kept] == stored:
            return []
        fault = (
            f"Shoppers have seen these variations in an earlier phase: keep {', '.join(stored)}, in this order. "
            "Weights, names and payloads may change; for other variations make another experiment."
        )
        return [fault]


def _find_set_faults(rows: list[dict[str, Any]]) -> list[str]:
    faults = []
    if not 2 <= len(rows) <= MAX_VARIATIONS:
        faults.append(f"There are {len(rows)} variations. Give control and 1 to {MAX_VARIATIONS - 1} others.")
    n_controls = sum(bool(row.get("is_control")) for row in rows)
    if rows and n_controls != 1:
        faults.append(f"{n_controls} variations are control. Tick exactly one: what shoppers get today.")
    keys = [row["key"] for row in rows]
    if len(set(keys)) != len(keys):
        faults.append("Two variations have the same key. Give each its own.")
    weights = [row.get("weight_bp") for row in rows]
    if any(weight is not None for weight in weights):
        given = [weight for weight in weights if weight is not None]
        if len(given) < len(weights):
            faults.append("Some weights are empty. Give all of them, or none for equal parts.")
        elif sum(given) != BUCKETS:
            faults.append(f"The weights add up to {_say_sum(sum(given))}. Make them 100%.")
        elif any(weight == 0 for weight in given):
            faults.append("A weight is 0: nobody would get that variation. Give it more, or remove it.")
    return faults


def _say_sum(total_bp: int) -> str:
    return f"{total_bp / 100:g}%"
