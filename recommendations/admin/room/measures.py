"""Offline metrics of a side beside the one that was live before it and popularity, as rows of bars."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from recommendations.admin.room.bars import Bar, Figure, draw_bar, nice_ceiling
from recommendations.engine.evaluation.asking import NDCG_AT_25

POPULARITY = "popularity"


@dataclass(frozen=True, slots=True)
class Contender:
    """Whose figures are drawn: its name, its colour, and what its run's evaluation found."""

    name: str
    tone: str
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    tone: str
    bar: Bar
    figure: str
    interval: str


@dataclass(frozen=True, slots=True)
class Chart:
    """One metric on one split: `lines` on one axis from 0 to `ceiling`, and what their difference says."""

    title: str
    detail: str
    lines: tuple[Line, ...]
    ticks: tuple[str, ...]
    verdict: str = ""
    verdict_tone: str = ""


def draw_charts(newest: Contender, before: Contender | None, *, repeats: bool) -> tuple[Chart, ...]:
    """Return NDCG@25 of each split, then the coverage of each, of up to three contenders.

    Args:
        newest: the side in question; its popularity stands for everybody's.
        before: the side that was live before it, where its figures are known.
        repeats: whether items of the history counted and could be recommended.
    """
    splits = [each for each in newest.figures.get("splits", []) if each["repeats"] is repeats]
    accuracy = [compare(split, newest, before, NDCG_AT_25) for split in splits]
    ceiling = nice_ceiling([figure for rows in accuracy for _, _, figure in rows])
    against_live = draw_against_live(newest, before) if repeats else None
    charts = [against_live] if against_live is not None else []
    charts += [_accuracy_chart(split, rows, ceiling) for split, rows in zip(splits, accuracy, strict=True)]
    charts += [_coverage_chart(split, compare(split, newest, before, "coverage")) for split in splits]
    return tuple(charts)


def draw_against_live(newest: Contender, before: Contender | None) -> Chart | None:
    """Return NDCG@25 of both on what the same shoppers did next, or None where that was not measured.

    Args:
        newest: the side in question.
        before: the side that was live while it was built.
    """
    kept = newest.figures.get("against_live")
    if not kept:
        return None
    name, tone = (before.name, before.tone) if before is not None else ("Live at the time", POPULARITY)
    rows = [(newest.name, newest.tone, read_figure(kept["new"])), (name, tone, read_figure(kept["live"]))]
    verdict, verdict_tone = _judge(read_figure(kept["difference"]), "what was live")
    ceiling = nice_ceiling([figure for _, _, figure in rows])
    detail = f"{kept['n_cases']:,} cases since the live model's data ended"
    return Chart(
        "NDCG@25, same shoppers", detail, _accuracy_lines(rows, ceiling), ticks_of(ceiling), verdict, verdict_tone
    )


def read_figure(value: Any) -> Figure:
    """Return a figure as the evaluate step keeps it: a number, or a value with its interval's two ends."""
    if isinstance(value, Sequence):
        middle, low, high = value
        return Figure(float(middle), float(low), float(high))
    return Figure(float(value))


def headline_of(figures: Mapping[str, Any]) -> Figure | None:
    """Return the NDCG@25 by Personalize's split with repeats, or None where nothing was measured."""
    return next(
        (read_figure(each["recipe"][NDCG_AT_25]) for each in figures.get("splits", []) if each["repeats"]), None
    )


Row = tuple[str, str, Figure]


def compare(split: Mapping[str, Any], newest: Contender, before: Contender | None, metric: str) -> list[Row]:
    """Return a metric of a split for the newest side, the one before it where that tells it, and popularity."""
    rows = [(newest.name, newest.tone, read_figure(split["recipe"][metric]))]
    earlier = _find_split(before.figures, split) if before is not None else None
    if before is not None and earlier is not None and metric in earlier["recipe"]:
        rows.append((before.name, before.tone, read_figure(earlier["recipe"][metric])))
    rows.append(("Popularity", POPULARITY, read_figure(split["popularity"][metric])))
    return rows


def _find_split(figures: Mapping[str, Any], like: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return next(
        (
            each
            for each in figures.get("splits", [])
            if (each["split"], each["repeats"]) == (like["split"], like["repeats"])
        ),
        None,
    )


def _accuracy_chart(split: Mapping[str, Any], rows: list[Row], ceiling: float) -> Chart:
    verdict, tone = _judge(read_figure(split["ndcg_at_25_difference"]), "popularity")
    return Chart(
        title=f"NDCG@25, {split['split']}",
        detail=f"{split['n_cases']:,} cases",
        lines=_accuracy_lines(rows, ceiling),
        ticks=ticks_of(ceiling),
        verdict=verdict,
        verdict_tone=tone,
    )


def _coverage_chart(split: Mapping[str, Any], rows: list[Row]) -> Chart:
    return Chart(
        title=f"Coverage, {split['split']}",
        detail="share of known items in at least one list",
        lines=tuple(Line(name, tone, draw_bar(figure, 1.0), f"{figure.value:.1%}", "") for name, tone, figure in rows),
        ticks=("0%", "50%", "100%"),
    )


def _accuracy_lines(rows: list[Row], ceiling: float) -> tuple[Line, ...]:
    return tuple(
        Line(name, tone, draw_bar(figure, ceiling), f"{figure.value:.4f}", interval_of(figure))
        for name, tone, figure in rows
    )


def ticks_of(ceiling: float) -> tuple[str, ...]:
    """Return what stands under an axis from 0."""
    return ("0", f"{ceiling / 2:g}", f"{ceiling:g}")


def _judge(difference: Figure, rival: str) -> tuple[str, str]:
    low, high = difference.low or 0.0, difference.high or 0.0
    words = f"{difference.value:+.4f} against {rival} [{low:+.4f}, {high:+.4f}], shopper by shopper"
    if low > 0:
        return f"Better: {words}", "good"
    return (f"Worse: {words}", "bad") if high < 0 else (f"No clear difference: {words}", "")


def interval_of(figure: Figure) -> str:
    """Return an interval in words, empty for a figure without one."""
    return "" if figure.low is None or figure.high is None else f"{figure.low:.4f} to {figure.high:.4f}"
