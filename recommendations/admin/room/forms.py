"""What an admin says to do something about a campaign: why, and what they had before them."""

from django import forms

from recommendations.pipeline.gates.bounds import GATES, NEVER_WAIVED

NOTHING_WAIVED = ("", "Nothing: every gate must pass")


class ReasonForm(forms.Form):
    """`seen` is the number that the page showed: the newest run's, or the live pointer's version."""

    reason = forms.CharField(
        label="Why?",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why, in a few words. It is kept for good."},
    )
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class WaivingForm(ReasonForm):
    """A retrain of which one gate may fail, once."""

    waive = forms.ChoiceField(
        label="Waive one gate, for this run alone",
        required=False,
        choices=[NOTHING_WAIVED]
        + [
            (gate, f"{gate.replace('_', ' ').capitalize()}: {what}")
            for gate, what in GATES.items()
            if gate not in NEVER_WAIVED
        ],
    )
