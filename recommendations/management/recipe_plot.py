"""NDCG@10 over windows as an SVG picture of its own: one line a recipe, whiskers for 95% intervals."""

from collections.abc import Sequence
from html import escape
from math import floor, log10

from recommendations.engine.evaluation.windows import NDCG_AT_10, Result, Window, say_window

WIDTH, HEIGHT = 860, 430
LEFT, RIGHT, TOP, BOTTOM = 64, 230, 56, 52
N_TICKS = 5
STEPS = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
# Told apart by people who see few colours, on white and on black alike; a mark of its own for each as well.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a7f00", "#56b4e9", "#7f7f7f")
NEAREST_LABELS = 17.0
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1a1a1a}.quiet{fill:#595959}.grid{stroke:#d0d0d0}"
    ".page{fill:#fff}@media(prefers-color-scheme:dark){text{fill:#eee}.quiet{fill:#b0b0b0}"
    ".grid{stroke:#4a4a4a}.page{fill:#141414}}"
)


def draw_plot(results: Sequence[Result]) -> str:
    """Return the picture.

    Args:
        results: at least one.
    """
    windows = list(dict.fromkeys(each.window_days for each in results))
    recipes = list(dict.fromkeys(each.recipe for each in results))
    top = _round_up(max(each.evaluation.metric(NDCG_AT_10).high for each in results))
    asked = results[0].evaluation
    title = f"NDCG@10 by length of the training window: {asked.split}, {asked.n_cases:,} cases"
    body = [_grid(windows, top)]
    ends: list[tuple[float, int, str]] = []
    for number, recipe in enumerate(recipes):
        line = [each for each in results if each.recipe == recipe]
        body.append(_line(line, windows, top, number))
        ends.append((_y(line[-1].evaluation.metric(NDCG_AT_10).value, top), number, recipe))
    body.extend(_labels(ends))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(title, quote=True)}"><title>{escape(title)}</title><style>{STYLE}</style>'
        f'<rect class="page" width="{WIDTH}" height="{HEIGHT}"/><text x="{LEFT}" y="26">{escape(title)}</text>'
        f"{''.join(body)}</svg>\n"
    )


def _round_up(highest: float) -> float:
    """Return the end of an axis whose ticks are round numbers."""
    if highest <= 0:
        return 1.0
    power = 10.0 ** floor(log10(highest / N_TICKS))
    return N_TICKS * next(power * step for step in STEPS if power * step * N_TICKS >= highest)


def _grid(windows: Sequence[Window], top: float) -> str:
    parts = []
    for tick in range(N_TICKS + 1):
        value = top * tick / N_TICKS
        y = _y(value, top)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="quiet" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value:.3f}</text>')
    for place, window in enumerate(windows):
        x, y = _x(place, len(windows)), HEIGHT - BOTTOM + 24
        parts.append(f'<text class="quiet" x="{x:.1f}" y="{y}" text-anchor="middle">{say_window(window)}</text>')
    return "".join(parts)


def _line(line: Sequence[Result], windows: Sequence[Window], top: float, number: int) -> str:
    colour = COLOURS[number % len(COLOURS)]
    points, marks = [], []
    for each in line:
        metric = each.evaluation.metric(NDCG_AT_10)
        # Lines stand side by side, so that their whiskers do.
        x = _x(windows.index(each.window_days), len(windows)) + 4 * number
        points.append(f"{x:.1f},{_y(metric.value, top):.1f}")
        low, high = _y(metric.low, top), _y(metric.high, top)
        marks.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{low:.1f}" y2="{high:.1f}"/>')
        marks.append(_mark(number, x, _y(metric.value, top), colour))
    joined = " ".join(points)
    return f'<g stroke="{colour}" stroke-width="2" fill="none"><polyline points="{joined}"/>{"".join(marks)}</g>'


def _mark(number: int, x: float, y: float, colour: str) -> str:
    if number % 3 == 0:
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'
    if number % 3 == 1:
        return f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" fill="{colour}"/>'
    return f'<path d="M{x:.1f} {y - 5:.1f}l5 9h-10z" fill="{colour}"/>'


def _labels(ends: Sequence[tuple[float, int, str]]) -> list[str]:
    """Names beside the lines' ends, moved apart where they would meet."""
    parts, lowest = [], -NEAREST_LABELS
    for y, number, recipe in sorted(ends):
        lowest = max(y, lowest + NEAREST_LABELS)
        x = WIDTH - RIGHT + 34
        parts.append(_mark(number, x, lowest, COLOURS[number % len(COLOURS)]))
        parts.append(f'<text x="{x + 12}" y="{lowest + 4:.1f}">{escape(recipe)}</text>')
    return parts


def _x(place: int, n_places: int) -> float:
    inset = 30
    span = WIDTH - LEFT - RIGHT - 2 * inset
    return LEFT + inset + (span / 2 if n_places == 1 else span * place / (n_places - 1))


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top
