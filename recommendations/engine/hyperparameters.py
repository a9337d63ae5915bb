"""The numbers that a recipe may be given, with their ranges and meanings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from recommendations.engine.exceptions import InvalidHyperparameter


@dataclass(frozen=True, slots=True)
class Hyperparameter:
    """One number that a recipe may be given; Personalize sends them as text, so text is taken too.

    A flag is 0 or 1; a choice is the place of one of `choices`, which it is given by.
    """

    name: str
    kind: Literal["integer", "number", "flag", "choice"]
    default: float
    low: float
    high: float
    meaning: str
    choices: tuple[str, ...] = ()

    def parse(self, value: object) -> float:
        """Return the number.

        Raises:
            InvalidHyperparameter: not a number, not whole where it must be, or out of range; names the field.
        """
        if self.kind == "flag":
            return self._parse_flag(value)
        if self.kind == "choice":
            return self._parse_choice(value)
        wanted = f"a{'n integer' if self.kind == 'integer' else ' number'} from {self.low:g} to {self.high:g}"
        fault = InvalidHyperparameter(f"{self.name} is {value!r}; give {wanted}: {self.meaning}.")
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise fault
        try:
            number = int(value) if self.kind == "integer" and not isinstance(value, float) else float(value)
        except ValueError:
            raise fault from None
        if not self.low <= number <= self.high or (self.kind == "integer" and number != int(number)):
            raise fault
        return int(number) if self.kind == "integer" else number

    def _parse_flag(self, value: object) -> float:
        flags = {"true": 1, "false": 0, "1": 1, "0": 0}
        if str(value).lower() not in flags:
            raise InvalidHyperparameter(f"{self.name} is {value!r}; give true or false: {self.meaning}.")
        return flags[str(value).lower()]

    def _parse_choice(self, value: object) -> float:
        # The place itself is taken too, as what was parsed before.
        places = {name: place for place, choice in enumerate(self.choices) for name in (choice, str(place))}
        if str(value) not in places:
            raise InvalidHyperparameter(f"{self.name} is {value!r}; give {' or '.join(self.choices)}: {self.meaning}.")
        return places[str(value)]
