"""Money: integer minor units and a currency; no floats anywhere."""

from dataclasses import dataclass

SYMBOLS = {"USD": "$", "GBP": "£", "EUR": "€"}


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in minor units (cents, pence) of one of `SYMBOLS`' currencies; amounts of two currencies never mix."""

    cents: int
    currency: str = "USD"

    def __post_init__(self) -> None:
        if self.currency not in SYMBOLS:
            raise ValueError(f"currency == {self.currency!r}, must be one of {', '.join(sorted(SYMBOLS))}.")

    def __add__(self, other: "Money") -> "Money":
        return Money(self.cents + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.cents - self._same(other), self.currency)

    def __str__(self) -> str:
        """As a price tag: `$1,250`, `£2.55`, `-€3`; whole amounts show no minor units."""
        whole, rest = divmod(abs(self.cents), 100)
        sign = "-" if self.cents < 0 else ""
        return f"{sign}{SYMBOLS[self.currency]}{whole:,}" + (f".{rest:02}" if rest else "")

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise ValueError(f"{other.currency} given where {self.currency} is counted; convert it first.")
        return other.cents
