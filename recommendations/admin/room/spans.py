"""Says how long something took or takes, in a few characters."""

from datetime import timedelta

MINUTE_S = 60.0
HOUR_S = 3_600.0
DAY_S = 86_400.0


def say_span(span: timedelta) -> str:
    """Return a span in its two largest units: `3.2 s`, `4 min 10 s`, `2 h 5 min`, `3 d 4 h`.

    Args:
        span: how long; what is negative, because a clock was set back, counts as nothing.
    """
    seconds = max(0.0, span.total_seconds())
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    seconds = round(seconds)
    if seconds < MINUTE_S:
        return f"{seconds} s"
    if seconds < HOUR_S:
        return _pair(seconds, MINUTE_S, "min", 1.0, "s")
    if seconds < DAY_S:
        return _pair(seconds, HOUR_S, "h", MINUTE_S, "min")
    return _pair(seconds, DAY_S, "d", HOUR_S, "h")


def _pair(seconds: float, large_s: float, large: str, small_s: float, small: str) -> str:
    whole, rest = divmod(int(seconds), int(large_s))
    part = rest // int(small_s)
    return f"{whole} {large} {part} {small}" if part else f"{whole} {large}"
