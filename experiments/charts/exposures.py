"""PURE exposure chart: how many units each variation has reached, day by day."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from experiments.charts.lines import LineChart, Rule, Table, draw_series, flip, thin
from experiments.charts.scales import fit_scale, fit_times, label_ticks, write_time

MOST_ROWS = 60


def draw_exposures(
    days: Sequence[datetime],
    cumulative: Mapping[str, Sequence[int]],
    tones: Mapping[str, str],
    *,
    planned_end_at: datetime | None = None,
) -> LineChart | None:
    """The chart, or None before the first exposure.

    Args:
        days: The end of each counted day, aware, rising.
        cumulative: Units reached up to each of them, by a variation's name.
        tones: Each variation's class in the stylesheet.
        planned_end_at: Drawn as a line where it falls inside the span.
    """
    if not days or not any(counts[-1] for counts in cumulative.values()):
        return None
    x, x_ticks = fit_times(days[0], days[-1])
    y, y_values = fit_scale([max(counts) for counts in cumulative.values()])
    times = [day.timestamp() for day in days]
    series = tuple(
        draw_series(name, tones.get(name, "neutral"), x, y, list(zip(times, counts, strict=True)))
        for name, counts in cumulative.items()
    )
    rules: tuple[Rule, ...] = ()
    if planned_end_at is not None and x.holds(planned_end_at.timestamp()):
        rules = (Rule("planned end", x.place(planned_end_at.timestamp()), is_vertical=True),)
    reached = ", ".join(f"{name} {counts[-1]:,}" for name, counts in cumulative.items())
    return LineChart(
        key="exposures",
        title="Shoppers exposed",
        description=f"Cumulative exposures by {write_time(days[-1])}: {reached}.",
        x_label="",
        y_label="",
        x_ticks=x_ticks,
        y_ticks=flip(label_ticks(y, y_values, write_count)),
        series=series,
        bands=(),
        rules=rules,
        table=_tabulate(days, cumulative),
    )


def write_count(value: float) -> str:
    """A count short enough for an axis: 1,250,000 is "1.25M"."""
    for size, mark in ((1_000_000, "M"), (1_000, "k")):
        if abs(value) >= size:
            return f"{value / size:.2f}".rstrip("0").rstrip(".") + mark
    return f"{value:g}"


def _tabulate(days: Sequence[datetime], cumulative: Mapping[str, Sequence[int]]) -> Table:
    rows = tuple(
        (f"{days[place]:%Y-%m-%d}", *(f"{counts[place]:,}" for counts in cumulative.values()))
        for place in thin(days, MOST_ROWS)
    )
    return Table(("Day", *cumulative), rows)
