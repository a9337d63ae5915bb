"""What the ramp page asks for: where to, and why."""

from typing import Any

from django import forms

from experiments.bucketing import BUCKETS
from experiments.panel import Panel
from experiments.shares import find_coverage, parse_percent

SHARE, ON, OFF, REOPEN, STOP = "share", "on", "off", "reopen", "stop"
ACTIONS = [
    (SHARE, "Change the share"),
    (ON, "On for everyone"),
    (OFF, "Off for everyone"),
    (REOPEN, "Reopen"),
    (STOP, "Stop"),
]


class TargetForm(forms.Form):
    """Where to: an action, and for a share either its coverage or the percentage that is to see the feature."""

    action = forms.ChoiceField(choices=ACTIONS, widget=forms.HiddenInput)
    coverage_bp = forms.IntegerField(min_value=0, max_value=BUCKETS, required=False, widget=forms.HiddenInput)
    seen = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)
    variation = forms.ChoiceField(required=False, label="What everyone gets")

    def __init__(self, *args: Any, panel: Panel, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.panel = panel
        names = [(variation.key, variation.name) for variation in panel.featured]
        self.fields["variation"] = forms.ChoiceField(choices=names, required=False, label="What everyone gets")

    def clean(self) -> dict[str, Any]:
        """Turn the percentage that sees it into a coverage."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("action") != SHARE or self.errors:
            return cleaned
        if cleaned.get("seen"):
            try:
                cleaned["coverage_bp"] = find_coverage(parse_percent(cleaned["seen"]), self.panel.featured_bp)
            except ValueError as error:
                raise forms.ValidationError(str(error), code="share_invalid") from error
        if cleaned.get("coverage_bp") is None:
            raise forms.ValidationError("Give the percentage that is to see it, for example 2.5.", code="share_missing")
        return cleaned


class RampForm(TargetForm):
    """Where to and why; `seen_change_id` is the newest change its author had before them."""

    reason = forms.CharField(
        label="Why?",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why, in a few words. It is kept for good."},
    )
    seen_change_id = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)
