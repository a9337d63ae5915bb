"""What `compare_recipes` prints: a table and bars for people, facts for programs."""

from collections.abc import Sequence
from typing import Any

from rich.bar import Bar
from rich.console import Console
from rich.table import Table

from recommendations.engine.evaluation.asking import Comparison, Metric
from recommendations.engine.evaluation.windows import NDCG_AT_10, Result, Skipped, say_window

WIDTH = 150
BAR_WIDTH = 40
PRECISE = 5


def to_facts(results: Sequence[Result], skipped: Sequence[Skipped]) -> dict[str, Any]:
    """Return everything as JSON can hold it: means with both ends of their 95% intervals."""
    first = results[0].evaluation if results else None
    return {
        "split": first.split if first else None,
        "repeats": first.repeats if first else None,
        "cases": first.n_cases if first else 0,
        "results": [_result_facts(each) for each in results],
        "skipped": [
            {"recipe": each.recipe, "window": say_window(each.window_days), "reason": each.reason} for each in skipped
        ],
    }


def draw_table(results: Sequence[Result]) -> Table:
    """Return one line for each recipe and window."""
    asked = results[0].evaluation
    repeats = "repeats in" if asked.repeats else "repeats out"
    title = f"{asked.split}, {repeats}, {asked.n_cases:,} cases; ± half of the 95% interval, differences case by case"
    table = Table(title=title, title_justify="left")
    for heading in ("window", "recipe"):
        table.add_column(heading, no_wrap=True)
    for heading in ("events", "NDCG@10", f"less {results[0].recipe}'s", "less the longest window's"):
        table.add_column(heading, justify="right")
    for heading in ("MRR@25", "coverage", "novelty", "popular", "CPU-s"):
        table.add_column(heading, justify="right")
    window: object = results[0].window_days
    for each in results:
        if each.window_days != window:
            window = each.window_days
            table.add_section()
        table.add_row(*_cells(each))
    return table


def draw_bars(results: Sequence[Result]) -> Table:
    """Return NDCG@10 as bars, recipe by recipe over the windows, all on one axis from 0."""
    top = max(_ndcg(each).value for each in results) or 1.0
    table = Table(title=f"NDCG@10, bars from 0 to {top:.4f}", title_justify="left", box=None, pad_edge=False)
    for heading in ("recipe", "window", "", ""):
        table.add_column(heading)
    for recipe in dict.fromkeys(each.recipe for each in results):
        named = recipe
        for each in (one for one in results if one.recipe == recipe):
            value = _ndcg(each).value
            bar = Bar(top, 0, value, width=BAR_WIDTH)
            table.add_row(named, say_window(each.window_days), bar, f"{value:.4f}")
            named = ""
    return table


def make_console(file: Any) -> Console:
    """Return a console that is wide enough where it is no terminal."""
    console = Console(file=file, highlight=False)
    return console if console.is_terminal else Console(file=file, width=WIDTH, highlight=False)


def _cells(result: Result) -> tuple[str, ...]:
    ndcg, exposure = _ndcg(result), result.exposure
    return (
        say_window(result.window_days),
        result.recipe,
        f"{result.n_events:,}",
        f"{ndcg.value:.4f} ±{(ndcg.high - ndcg.low) / 2:.4f}",
        _say(result.against_first),
        _say(result.against_longest),
        f"{result.evaluation.metric('mean_reciprocal_rank_at_25').value:.4f}",
        f"{exposure.coverage:.1%}",
        f"{exposure.novelty_bits:.1f}",
        f"{exposure.popular_share:.0%}",
        f"{result.train_cpu_s:.1f}",
    )


def _say(comparison: Comparison | None) -> str:
    if comparison is None:
        return "-"
    colour = "green" if comparison.low > 0 else "red" if comparison.high < 0 else ""
    text = f"{comparison.difference:+.4f} ±{(comparison.high - comparison.low) / 2:.4f}"
    return f"[{colour}]{text}[/{colour}]" if colour else text


def _ndcg(result: Result) -> Metric:
    return result.evaluation.metric(NDCG_AT_10)


def _result_facts(result: Result) -> dict[str, Any]:
    figures = {
        each.name: [round(value, PRECISE) for value in (each.value, each.low, each.high)]
        for each in result.evaluation.metrics
    }
    return {
        "recipe": result.recipe,
        "window": say_window(result.window_days),
        "window_days": result.window_days,
        "events": result.n_events,
        "train_cpu_s": round(result.train_cpu_s, 2),
        **figures,
        "coverage": round(result.exposure.coverage, PRECISE),
        "novelty_bits": round(result.exposure.novelty_bits, 3),
        "popular_share": round(result.exposure.popular_share, PRECISE),
        "weights": dict(result.weights),
        "ndcg_at_10_against_first": _difference(result.against_first),
        "ndcg_at_10_against_longest": _difference(result.against_longest),
    }


def _difference(comparison: Comparison | None) -> list[float] | None:
    if comparison is None:
        return None
    return [round(value, PRECISE) for value in (comparison.difference, comparison.low, comparison.high)]
