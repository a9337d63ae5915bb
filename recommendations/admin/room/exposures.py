"""What a side's lists show all in all, and how it does by kind of shopper, as rows of bars."""

from collections.abc import Mapping
from typing import Any

from recommendations.admin.room.bars import Figure, draw_bar, nice_ceiling
from recommendations.admin.room.measures import (
    POPULARITY,
    Chart,
    Contender,
    Line,
    compare,
    interval_of,
    read_figure,
    ticks_of,
)


def draw_segments(newest: Contender, *, repeats: bool) -> tuple[Chart, ...]:
    """Return one chart a split: NDCG@25 of each segment beside popularity's, as far as segments were measured.

    Args:
        newest: the side in question.
        repeats: whether items of the history counted and could be recommended.
    """
    splits = [each for each in newest.figures.get("splits", []) if each["repeats"] is repeats and each.get("segments")]
    return tuple(_segment_chart(split, newest) for split in splits)


def draw_exposures(newest: Contender, before: Contender | None, *, repeats: bool) -> tuple[Chart, ...]:
    """Return for each split how many slots the most popular items take, and how unexpected the lists are.

    Args:
        newest: the side in question.
        before: the side that was live before it, where its figures are known.
        repeats: whether items of the history counted and could be recommended.
    """
    splits = [
        each
        for each in newest.figures.get("splits", [])
        if each["repeats"] is repeats and "novelty_bits" in each["recipe"]
    ]
    charts = [_popular_chart(split, newest, before) for split in splits]
    return (*charts, *(_novelty_chart(split, newest, before) for split in splits))


def _segment_chart(split: Mapping[str, Any], newest: Contender) -> Chart:
    read = [(each, read_figure(each["recipe"]), read_figure(each["popularity"])) for each in split["segments"]]
    ceiling = nice_ceiling([figure for _, mine, base in read for figure in (mine, base)])
    lines: list[Line] = []
    for each, mine, base in read:
        lines.append(_line(f"{each['segment']}, {each['n_cases']:,} cases", newest.tone, mine, ceiling))
        lines.append(_line("popularity", POPULARITY, base, ceiling))
    title = f"NDCG@25 by kind of shopper, {split['split']}"
    return Chart(title, "by the events in the history", tuple(lines), ticks_of(ceiling))


def _line(name: str, tone: str, figure: Figure, ceiling: float) -> Line:
    return Line(name, tone, draw_bar(figure, ceiling), f"{figure.value:.4f}", interval_of(figure))


def _popular_chart(split: Mapping[str, Any], newest: Contender, before: Contender | None) -> Chart:
    rows = compare(split, newest, before, "popular_share")
    return Chart(
        f"Popular items, {split['split']}",
        "share of all slots that the 20 most popular items take",
        tuple(Line(name, tone, draw_bar(figure, 1.0), f"{figure.value:.1%}", "") for name, tone, figure in rows),
        ("0%", "50%", "100%"),
    )


def _novelty_chart(split: Mapping[str, Any], newest: Contender, before: Contender | None) -> Chart:
    rows = compare(split, newest, before, "novelty_bits")
    ceiling = nice_ceiling([figure for _, _, figure in rows])
    return Chart(
        f"Novelty, {split['split']}",
        "bits: one more where half as many shoppers know what is shown",
        tuple(Line(name, tone, draw_bar(figure, ceiling), f"{figure.value:.2f}", "") for name, tone, figure in rows),
        ticks_of(ceiling),
    )
