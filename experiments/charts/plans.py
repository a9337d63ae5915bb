"""PURE planning charts: what can be found after how many weeks, and how surely."""

from collections.abc import Sequence

from experiments.charts.intervals import write_change
from experiments.charts.lines import LineChart, Rule, Table, draw_series, flip
from experiments.charts.scales import Scale, Tick, fit_scale, label_ticks


def draw_mde_curve(weeks: Sequence[tuple[int, float]], *, mde: float, chosen_weeks: int | None) -> LineChart | None:
    """The smallest effect that can be found, against weeks of running; None with fewer than two weeks.

    Args:
        weeks: (whole weeks, minimum detectable relative effect), rising in weeks.
        mde: The effect that is asked for.
        chosen_weeks: The plan's length, marked.
    """
    if len(weeks) < 2:
        return None
    x = Scale(float(weeks[0][0]), float(weeks[-1][0]))
    y, y_values = fit_scale([*(value for _, value in weeks), mde])
    rules = [Rule(f"wanted {_write_share(mde)}", 100.0 - y.place(mde), is_vertical=False)]
    if chosen_weeks is not None and x.holds(chosen_weeks):
        rules.append(Rule(_write_weeks(chosen_weeks), x.place(chosen_weeks), is_vertical=True))
    return LineChart(
        key="mde",
        title="Smallest effect that can be found",
        description=f"After {_write_weeks(weeks[0][0])} {_write_share(weeks[0][1])}, "
        f"after {_write_weeks(weeks[-1][0])} {_write_share(weeks[-1][1])}; wanted is {_write_share(mde)}.",
        x_label="weeks",
        y_label="",
        x_ticks=tuple(Tick(str(week), x.place(week)) for week, _ in weeks if _is_told(week, weeks[-1][0])),
        y_ticks=flip(label_ticks(y, y_values, _write_share)),
        series=(draw_series("Smallest effect", "featured-0", x, y, [(float(week), value) for week, value in weeks]),),
        bands=(),
        rules=tuple(rules),
        table=Table(
            ("Weeks", "Smallest relative effect"), tuple((str(week), _write_share(value)) for week, value in weeks)
        ),
    )


def draw_power_curve(effects: Sequence[tuple[float, float]], *, mde: float, power: float) -> LineChart | None:
    """The chance to find an effect, against its size; None with fewer than two effects.

    Args:
        effects: (relative effect, power), rising in effect.
        mde: The effect that is asked for, marked.
        power: The power that is asked for, marked.
    """
    if len(effects) < 2:
        return None
    x, x_values = fit_scale([effect for effect, _ in effects])
    y, y_values = Scale(0.0, 1.0), [0.0, 0.25, 0.5, 0.75, 1.0]
    rules = (
        Rule(f"{power:.0%}", 100.0 - y.place(power), is_vertical=False),
        Rule(_write_share(mde), x.place(mde), is_vertical=True),
    )
    return LineChart(
        key="power",
        title="Chance to find a true effect",
        description=f"Power {power:.0%} is asked for at a relative effect of {_write_share(mde)}.",
        x_label="true relative effect",
        y_label="",
        x_ticks=label_ticks(x, x_values, _write_share),
        y_ticks=flip(label_ticks(y, y_values, lambda value: f"{value:.0%}")),
        series=(draw_series("Power", "featured-0", x, y, effects),),
        bands=(),
        rules=rules,
        table=Table(
            ("Relative effect", "Power"), tuple((_write_share(effect), f"{value:.1%}") for effect, value in effects)
        ),
    )


def _is_told(week: int, last: int) -> bool:
    return last <= 8 or week % (2 if last <= 16 else 4) == 0


def _write_weeks(weeks: int) -> str:
    return "1 week" if weeks == 1 else f"{weeks} weeks"


def _write_share(share: float) -> str:
    return write_change(share).lstrip("+−")
