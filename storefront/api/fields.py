"""Fields of bodies that take what they say and nothing that merely looks like it: no 9 for "9", no "9" for 9."""

from typing import Any

from rest_framework import serializers

NO_TEXT, NO_NUMBER = "Send text, in quotes.", "Send a whole number, without quotes."


class Text(serializers.CharField):
    """A JSON string."""

    def to_internal_value(self, data: Any) -> str:
        """The text.

        Raises:
            ValidationError: it is of another type, or not text that a field takes.
        """
        if not isinstance(data, str):
            raise serializers.ValidationError(NO_TEXT)
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    """A JSON number without a fraction."""

    def to_internal_value(self, data: Any) -> int:
        """The number.

        Raises:
            ValidationError: it is of another type, or has a fraction.
        """
        if type(data) is not int and not (isinstance(data, float) and data.is_integer()):
            raise serializers.ValidationError(NO_NUMBER)
        return super().to_internal_value(int(data))


class ToldChoice(serializers.ChoiceField):
    """One of a few; whoever gives another is told which there are."""

    def to_internal_value(self, data: Any) -> Any:
        """The choice.

        Raises:
            ValidationError: it is not among them.
        """
        try:
            return super().to_internal_value(data)
        except serializers.ValidationError as error:
            told = f"Give one of {', '.join(map(str, self.choices))}."
            raise serializers.ValidationError(f"{error.detail[0]} {told}") from None  # type: ignore[index]


class WholeChoice(ToldChoice):
    """One of a few JSON numbers."""

    def to_internal_value(self, data: Any) -> Any:
        """The number.

        Raises:
            ValidationError: it is of another type, or not among them.
        """
        if type(data) is not int and not (isinstance(data, float) and data.is_integer()):
            raise serializers.ValidationError(NO_NUMBER)
        return super().to_internal_value(int(data))
