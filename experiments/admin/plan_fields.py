"""The plan's own inputs: percentages, guardrails, ramp steps and who is eligible."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from experiments.admin.row_fields import Choices, Column, Row, RowsField
from experiments.conf import eligibility_attributes
from experiments.eligibility import IllegalRules, read_rules
from experiments.shares import format_percent, parse_percent
from experiments.steps import MAX_HOURS, MAX_STEPS

WHEN_FORMAT = "%Y-%m-%dT%H:%M"


class WhenField(forms.DateTimeField):
    """A day and a time in one input of the browser's own, in the project's time zone."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=WHEN_FORMAT)
        super().__init__(widget=widget, input_formats=[WHEN_FORMAT, f"{WHEN_FORMAT}:%S"], **kwargs)


class PercentField(forms.Field):
    """A relative change typed as a percentage and kept as a share: 5 is 0.05."""

    def __init__(self, *, least: float = -100, most: float = 1000, **kwargs: Any) -> None:
        super().__init__(widget=_make_number_input(), **kwargs)
        self.least, self.most = least, most

    def prepare_value(self, value: Any) -> Any:
        return write_percent(value) if isinstance(value, (int, float)) else value

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip()
        return read_percent(text, self.least, self.most) if text else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True


class ShareField(forms.Field):
    """A share of units typed in percent and kept in basis points; empty is None."""

    def __init__(self, *, placeholder: str = "", **kwargs: Any) -> None:
        super().__init__(required=False, widget=_make_number_input(placeholder), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return format_percent(value).rstrip("%") if isinstance(value, int) else value

    def to_python(self, value: Any) -> Any:
        text = str(value or "").strip()
        if not text:
            return None
        try:
            return parse_percent(text)
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.to_python(data) != initial)
        except ValidationError:
            return True


class GuardrailsField(RowsField):
    """[{"metric": key, "margin": relative share}, ...]; a metric once, a margin above 0."""

    noun = "Guardrail"

    def __init__(self, *, metrics: Choices, **kwargs: Any) -> None:
        columns = (
            Column("metric", "Metric that must not get worse", "choice", metrics),
            Column("margin", "By more than, in %", placeholder="2", input_mode="decimal"),
        )
        super().__init__(columns=columns, **kwargs)
        self.metrics = dict(metrics)

    def read_row(self, row: Row) -> dict[str, Any]:
        if row["metric"] not in self.metrics:
            raise ValidationError("Metric is missing. Choose one of the list.")
        if not row["margin"]:
            raise ValidationError("Margin is missing. Give the largest loss that you would accept in %, for example 2.")
        margin = read_percent(row["margin"], 0, 100)
        if margin <= 0:
            raise ValidationError("Margin is 0: nothing could ever be shown to be within it. Give more, for example 2.")
        return {"metric": row["metric"], "margin": margin}

    def show_row(self, stored: Mapping[str, Any]) -> Row:
        return {"metric": str(stored.get("metric", "")), "margin": write_percent(stored.get("margin", 0))}

    def check_rows(self, rows: list[dict[str, Any]]) -> None:
        keys = [row["metric"] for row in rows]
        twice = sorted({self.metrics[key] for key in keys if keys.count(key) > 1})
        if twice:
            raise ValidationError(f"{', '.join(twice)} stands here twice. Keep one row of it.")


class StepsField(RowsField):
    """[{"seen_bp", "hours", "min_units", "needs_approval"}, ...], each seen by more than the one before."""

    noun = "Step"
    max_rows = MAX_STEPS

    def __init__(self, **kwargs: Any) -> None:
        columns = (
            Column("seen", "See it, in %", placeholder="2.5", input_mode="decimal"),
            Column("hours", "At least, in hours", placeholder="24", input_mode="decimal"),
            Column("min_units", "Shoppers a variation", placeholder="computed", input_mode="numeric"),
            Column("needs_approval", "Waits for approval", "flag"),
        )
        super().__init__(columns=columns, **kwargs)

    def read_row(self, row: Row) -> dict[str, Any]:
        try:
            seen_bp = parse_percent(row["seen"])
        except ValueError as error:
            raise ValidationError(f"Share that sees it: {error}") from error
        if seen_bp == 0:
            raise ValidationError("Share that sees it is 0: nobody would be compared. Give more, for example 1.")
        return {
            "seen_bp": seen_bp,
            "hours": _read_hours(row["hours"]),
            "min_units": _read_units(row["min_units"]),
            "needs_approval": bool(row["needs_approval"]),
        }

    def show_row(self, stored: Mapping[str, Any]) -> Row:
        units = stored.get("min_units")
        return {
            "seen": format_percent(int(stored.get("seen_bp", 0))).rstrip("%"),
            "hours": f"{stored.get('hours', 0):g}",
            "min_units": "" if units is None else str(units),
            "needs_approval": "on" if stored.get("needs_approval") else "",
        }

    def check_rows(self, rows: list[dict[str, Any]]) -> None:
        for place, (before, after) in enumerate(pairwise(rows), start=2):
            if after["seen_bp"] <= before["seen_bp"]:
                raise ValidationError(
                    f"Step {place} shows it to {format_percent(after['seen_bp'])}, the step before it to "
                    f"{format_percent(before['seen_bp'])}. Let each step show it to more."
                )


class EligibilityField(forms.MultipleChoiceField):
    """[{"attribute": name, "is": [values]}, ...] as one box a value; an attribute without a tick does not matter."""

    def __init__(self, *, attributes: Mapping[str, Sequence[str]], **kwargs: Any) -> None:
        choices = [(f"{name}={value}", f"{name}: {value}") for name, values in attributes.items() for value in values]
        super().__init__(choices=choices, widget=forms.CheckboxSelectMultiple, required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if value and isinstance(value[0], Mapping):
            return [f"{rule['attribute']}={one}" for rule in value for one in rule["is"]]
        return value

    def clean(self, value: Any) -> Any:
        ticked: dict[str, list[str]] = {}
        for choice in super().clean(value):
            name, _, one = choice.partition("=")
            ticked.setdefault(name, []).append(one)
        return [{"attribute": name, "is": values} for name, values in ticked.items()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return set(self.prepare_value(initial or [])) != set(data or [])


class EligibilityTextField(forms.CharField):
    """The same rules, one a line, for a project that does not say which attributes it knows."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 2, "placeholder": "device: phone, tablet"})
        super().__init__(widget=widget, required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list):
            return "\n".join(f"{rule['attribute']}: {', '.join(rule['is'])}" for rule in value)
        return value

    def to_python(self, value: Any) -> Any:
        rules = []
        for line in filter(str.strip, (super().to_python(value) or "").splitlines()):
            name, colon, values = line.partition(":")
            if not colon:
                raise ValidationError(f"{line.strip()!r} has no colon. Write a name, a colon and values.")
            rules.append({"attribute": name.strip(), "is": [one.strip() for one in values.split(",") if one.strip()]})
        try:
            read_rules(rules, eligibility_attributes())
        except IllegalRules as error:
            raise ValidationError(str(error)) from error
        return rules

    def validate(self, value: Any) -> None:
        """No rules at all: everybody may take part."""

    def run_validators(self, value: Any) -> None:
        """Rules are checked where they are read."""


def _make_number_input(placeholder: str = "") -> forms.TextInput:
    attrs = {"inputmode": "decimal", "autocomplete": "off", "maxlength": "12", "class": "xp-short"}
    return forms.TextInput(attrs={**attrs, "placeholder": placeholder} if placeholder else attrs)


def read_percent(text: str, least: float, most: float) -> float:
    """A share from "5", "5%" or "-2.5 %".

    Raises:
        ValidationError: Not a number, or not from `least` to `most` percent.
    """
    try:
        percent = Decimal(text.strip().removesuffix("%").strip().replace(",", "."))
    except InvalidOperation:
        raise ValidationError(f"{text!r} is not a percentage. Give a number, for example 2.5.") from None
    if not percent.is_finite() or not least <= percent <= most:
        raise ValidationError(f"{text!r} is out of range. Give {least:g} to {most:g}.")
    return float(percent / 100)


def write_percent(share: float) -> str:
    """A share as people type it: 0.025 is "2.5"."""
    return f"{share * 100:.6f}".rstrip("0").rstrip(".")


def _read_hours(text: str) -> float:
    try:
        hours = float(text.replace(",", "."))
    except ValueError:
        raise ValidationError(f"Hours is {text!r}. Give a number, for example 24.") from None
    if not 0 <= hours <= MAX_HOURS:
        raise ValidationError(f"Hours is {text}. Give 0 to {MAX_HOURS:g}.")
    return int(hours) if hours.is_integer() else hours


def _read_units(text: str) -> int | None:
    if not text:
        return None
    if not text.isdigit() or int(text) == 0:
        raise ValidationError(f"Shoppers a variation is {text!r}. Give a whole number, or nothing to compute it.")
    return int(text)
