"""What shoppers send: the order of one size at the price they saw."""

from typing import Any

from django import forms


class BuyForm(forms.Form):
    """`choice` is a size and the price shown with it, as `VARIANT_ID:PRICE_CENTS`: no script is needed to send it."""

    choice = forms.RegexField(
        r"^\d{1,18}:\d{1,10}$", error_messages={"required": "Choose a size first.", "invalid": "Choose a size again."}
    )
    idempotency_key = forms.UUIDField()

    def clean_choice(self) -> tuple[int, int]:
        """The variant's id and the seen price in minor units."""
        variant_id, _, seen_price_cents = str(self.cleaned_data["choice"]).partition(":")
        return int(variant_id), int(seen_price_cents)

    @property
    def first_error(self) -> str:
        """The first fault in words, for the notice above the form."""
        errors: dict[str, Any] = self.errors
        return str(errors["choice"][0]) if "choice" in errors else "This page was out of date. Try once more."
