"""The checks of arguments that every statistic shares."""

from __future__ import annotations

import math
from typing import get_args

from experiments.stats.exceptions import StatsError
from experiments.stats.results import Alternative, Kind


def check_alpha(alpha: float, *, alternative: Alternative = "two-sided", argument: str = "alpha") -> None:
    """Refuse a significance level outside (0, 1), and an alternative that does not exist."""
    check_open_share(alpha, argument)
    if alternative not in get_args(Alternative):
        raise StatsError("alternative", f"{alternative!r} is none of {', '.join(get_args(Alternative))}.")


def check_open_share(value: float, argument: str) -> None:
    """Refuse a share that is not strictly between 0 and 1."""
    if not 0.0 < value < 1.0:
        raise StatsError(argument, f"{value!r} is not between 0 and 1; 5% is 0.05.")


def check_probability(value: float, argument: str) -> None:
    """Refuse a probability outside 0..1, ends included."""
    if not 0.0 <= value <= 1.0:
        raise StatsError(argument, f"{value!r} is not a probability; give 0..1.")


def check_count(value: int, argument: str, *, least: int = 0) -> None:
    """Refuse a count that is below the least, or not whole."""
    if isinstance(value, bool) or not math.isfinite(value) or value != int(value) or value < least:
        raise StatsError(argument, f"{value!r} is not a count; give a whole number of at least {least}.")


def check_finite(value: float, argument: str) -> None:
    """Refuse infinity and NaN."""
    if not math.isfinite(value):
        raise StatsError(
            argument, f"{value!r} is not finite; look for NULL, overflow or division by 0 where it was made."
        )


def check_positive(value: float, argument: str) -> None:
    """Refuse a number that is not finite and above 0."""
    check_finite(value, argument)
    if value <= 0:
        raise StatsError(argument, f"{value!r} must be above 0.")


def check_kind(kind: Kind) -> None:
    """Refuse a kind of metric that does not exist."""
    if kind not in get_args(Kind):
        raise StatsError("kind", f"{kind!r} is none of {', '.join(get_args(Kind))}.")
