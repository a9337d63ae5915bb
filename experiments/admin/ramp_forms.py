"""What the ramp page asks for: a reason always, and a share, a time or a variation where the action needs one."""

from typing import Any

from django import forms

from experiments.admin.actions import Action
from experiments.admin.plan_fields import WhenField
from experiments.bucketing import BUCKETS
from experiments.conf import now
from experiments.endings import SHARE_ZERO
from experiments.panel import Panel
from experiments.shares import find_coverage, parse_percent


class RampForm(forms.Form):
    """Why, and where to; `seen_change_id` is the newest change that its author had before them."""

    reason = forms.CharField(
        label="Why?",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why, in a few words. It is kept for good."},
    )
    seen_change_id = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, action: Action, panel: Panel, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.panel = panel
        if action.asks == "share":
            self.fields["coverage_bp"] = forms.IntegerField(
                min_value=0, max_value=BUCKETS, required=False, widget=forms.HiddenInput
            )
            self.fields["seen"] = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)
        if action.asks == "at":
            self.fields["at"] = WhenField(label="Starts at")
        if action.asks == "variation" and len(panel.featured) > 1:
            names = [(variation.key, variation.name) for variation in panel.featured]
            self.fields["variation"] = forms.ChoiceField(choices=names, label="What everyone gets")

    def clean_at(self) -> Any:
        """A time to come."""
        at = self.cleaned_data["at"]
        if at <= now():
            raise forms.ValidationError("That time is over. Give a later one.", code="time_passed")
        return at

    def clean(self) -> dict[str, Any]:
        """Turn the percentage that is to see it into a coverage."""
        cleaned = super().clean() or self.cleaned_data
        if "coverage_bp" in self.fields and "seen" not in self.errors:
            cleaned["coverage_bp"] = self._read_share(cleaned)
        return cleaned

    def _read_share(self, cleaned: dict[str, Any]) -> Any:
        if cleaned.get("seen"):
            try:
                cleaned["coverage_bp"] = find_coverage(parse_percent(cleaned["seen"]), self.panel.featured_bp)
            except ValueError as error:
                raise forms.ValidationError(str(error), code="share_invalid") from error
        if cleaned.get("coverage_bp") is None:
            raise forms.ValidationError("Give the percentage that is to see it, for example 2.5.", code="share_missing")
        if not cleaned["coverage_bp"]:
            raise forms.ValidationError(SHARE_ZERO, code="share_zero")
        return cleaned["coverage_bp"]
