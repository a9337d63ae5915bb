"""PURE writing of figures as people read them: by unit, with few digits, with a true minus."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from experiments.charts.intervals import write_change

MINUS = "−"
# Figures carry about so many digits: more would be noise.
DIGITS = 3


def write_value(value: float, unit: str) -> str:
    """A metric's value.

    Args:
        value: In the metric's own unit.
        unit: `share`, `count`, `money` or `ms`; anything else is a plain number.
    """
    return _WRITERS.get(unit, write_number)(value)


@dataclass(frozen=True, slots=True)
class WrittenDifference:
    """A difference and its interval, as exact as the interval allows; the unit stands once in each."""

    change: str
    interval: str


def write_difference(value: float, low: float | None, high: float | None, unit: str) -> WrittenDifference:
    """A difference of two values with its interval, to two digits of the interval's half.

    Args:
        value: The difference, in the metric's own unit; of shares it is told in percentage points.
        low: The interval's lower end, or None where it is open.
        high: Its upper end, or None where it is open.
        unit: As `write_value` takes it.
    """
    scale, mark = {"share": (100.0, " pp"), "money": (1.0, ""), "ms": (1.0, " ms")}.get(unit, (1.0, ""))
    ends = [end * scale for end in (low, high) if end is not None]
    half = (ends[1] - ends[0]) / 2 if len(ends) == 2 else abs(value) * scale
    decimals = find_decimals(half)

    def write(number: float) -> str:
        return write_signed(number * scale, decimals)

    return WrittenDifference(f"{write(value)}{mark}", f"{write_range(low, high, write)}{mark}" if ends else "")


def find_decimals(half_width: float) -> int:
    """Decimals that show two digits of an uncertainty."""
    if half_width <= 0 or not math.isfinite(half_width):
        return 2
    return min(6, max(0, 1 - math.floor(math.log10(half_width))))


def write_signed(value: float, decimals: int) -> str:
    """A number with its sign; what rounds to nothing has none."""
    text = f"{abs(value):,.{decimals}f}"
    return text if not text.strip("0.,") else f"{_sign(value)}{text}"


def write_range(low: float | None, high: float | None, write: Callable[[float], str]) -> str:
    """An interval; a side left open says so."""
    if low is None and high is None:
        return ""
    if low is None:
        return f"at most {write(high or 0.0)}"
    if high is None:
        return f"at least {write(low)}"
    return f"{write(low)} to {write(high)}"


def write_number(value: float) -> str:
    """A number with about three digits that mean something: 12,345, 123, 1.23, 0.0123."""
    size = abs(value)
    if size >= 100 or size == 0:
        return _minus(f"{value:,.0f}")
    decimals = min(6, max(0, DIGITS - 1 - math.floor(math.log10(size))))
    return _minus(f"{value:,.{decimals}f}")


def write_count(value: float) -> str:
    """A whole number with its thousands apart."""
    return _minus(f"{value:,.0f}")


def write_p(p_value: float) -> str:
    """A p-value in few digits."""
    if p_value < 0.0001:
        return "< 0.0001"
    return f"{p_value:.{4 if p_value < 0.01 else 3 if p_value < 0.1 else 2}f}"


def write_chance(probability: float) -> str:
    """A chance in percent that is never rounded to certainty."""
    if probability > 0.999:
        return "> 99.9%"
    if probability < 0.001:
        return "< 0.1%"
    return f"{probability * 100:.1f}%"


def write_share(share: float) -> str:
    """A share in percent with about three digits."""
    return f"{write_number(share * 100)}%"


def write_relative(share: float) -> str:
    """A relative change in percent with its sign."""
    return write_change(share)


def _write_money(value: float) -> str:
    return _minus(f"{value:,.2f}")


def _write_ms(value: float) -> str:
    return f"{write_number(value)} ms"


def _sign(value: float) -> str:
    return "+" if value > 0 else MINUS


def _minus(text: str) -> str:
    return text.replace("-", MINUS)


_WRITERS: dict[str, Callable[[float], str]] = {"share": write_share, "money": _write_money, "ms": _write_ms}
