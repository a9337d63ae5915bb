"""What shoppers send to the market: a size at a price seen, or a price and days of their own."""

import re
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms

from catalog.limits import EXPIRY_DAYS, MAX_ID, MAX_PRICE_CENTS
from catalog.money import SYMBOLS, Money
from storefront.deals import Deed
from storefront.world import current_world

DEFAULT_DAYS = 30
OUT_OF_DATE = "This page was out of date. Try once more."
# As a price is typed: 1250, 1,250, $1,250.50; a comma before two digits at the end is a decimal one.
TYPED = re.compile(r"(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?:[.,](?P<rest>\d{1,2}))?")
NOT_A_PRICE = "Write the price as a number with at most two decimals, such as 120 or 120.50."


class PriceField(forms.CharField):
    """An amount of the world's currency as a person types it; cleans to minor units."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=24, error_messages={"required": "Name your price."}, **options)

    def clean(self, value: Any) -> int:
        text = str(super().clean(value)).strip(" " + "".join(SYMBOLS.values()))
        found = TYPED.fullmatch(text)
        if found is None:
            raise forms.ValidationError(NOT_A_PRICE, code="invalid")
        whole = found["whole"].replace(",", "")
        cents = int(Decimal(f"{whole}.{found['rest'] or 0}") * 100)
        if not 0 < cents <= MAX_PRICE_CENTS:
            most = Money(MAX_PRICE_CENTS, current_world().currency)
            raise forms.ValidationError(f"The price must be above 0 and at most {most}.", code="out_of_range")
        return cents


class Explained(forms.Form):
    """A form whose first fault is told in one sentence above it."""

    @property
    def first_error(self) -> str:
        """The first fault of a field that a shopper fills in; hidden fields are the page's own affair."""
        shown = [name for name in self.fields if not self.fields[name].widget.is_hidden and name in self.errors]
        return str(self.errors[shown[0]][0]) if shown else OUT_OF_DATE


class KeyedForm(Explained):
    """What every review sends: its key, and the terms that it showed."""

    idempotency_key = forms.UUIDField(widget=forms.HiddenInput)
    terms = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


class TakeForm(KeyedForm):
    """Buy now or sell now: `choice` is a size and the price shown with it, as `VARIANT_ID:PRICE_CENTS`."""

    choice = forms.RegexField(
        r"^\d{1,18}:\d{1,10}$", error_messages={"required": "Choose a size first.", "invalid": "Choose a size again."}
    )

    def clean_choice(self) -> tuple[int, int]:
        """The variant's id and the seen price in minor units."""
        variant_id, _, seen_price_cents = str(self.cleaned_data["choice"]).partition(":")
        return int(variant_id), int(seen_price_cents)


class LimitForm(Explained):
    """A price of one's own and how long it stands: a bid or an ask, before its review."""

    price = PriceField(label="Your price")
    days = forms.TypedChoiceField(
        label="Stands for",
        choices=[(days, f"{days} day" if days == 1 else f"{days} days") for days in EXPIRY_DAYS],
        coerce=int,
        initial=DEFAULT_DAYS,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how long it stands.", "invalid_choice": "Choose one of the days shown."},
    )

    @property
    def price_cents(self) -> int:
        cents: int = self.cleaned_data["price"]
        return cents

    @property
    def expires_in_days(self) -> int:
        days: int = self.cleaned_data["days"]
        return days


class EditForm(LimitForm, KeyedForm):
    """A standing bid or ask with another price or other days, as the review sends it."""


class PlaceForm(EditForm):
    """A bid or an ask as the review sends it: with its size."""

    size = forms.IntegerField(min_value=0, max_value=MAX_ID, widget=forms.HiddenInput)


class KeyForm(forms.Form):
    """A command that needs nothing but its key."""

    idempotency_key = forms.UUIDField()

    @property
    def key(self) -> UUID:
        key: UUID = self.cleaned_data["idempotency_key"]
        return key


class ReviewForm(forms.Form):
    """What the address of a review says: the deed, and for a bid or an ask the one that it changes, if any."""

    deed = forms.TypedChoiceField(choices=[(deed.value, deed.value) for deed in Deed], coerce=Deed)
    size = forms.IntegerField(min_value=0, max_value=MAX_ID)
    changes = forms.IntegerField(min_value=1, max_value=MAX_ID, required=False)
