"""What a run's data were: where every row went, and of what the rest consists."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from recommendations import items
from recommendations.pipeline.etl.report import DataReport, DatasetCounts, data_report

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    value: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """One line of a ranking: a count, and its share of the longest line in percent."""

    name: str
    count: str
    width: float


@dataclass(frozen=True, slots=True)
class Ranking:
    title: str
    lines: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class DatasetLine:
    """Where the rows of one dataset went; losses are (reason, rows)."""

    name: str
    n_read: str
    n_exported: str
    dropped: tuple[tuple[str, str], ...]
    refused: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DataFindings:
    facts: tuple[Fact, ...]
    datasets: tuple[DatasetLine, ...]
    rankings: tuple[Ranking, ...]
    drift: tuple[Fact, ...]


def describe_data(run_report: Mapping[str, Any]) -> DataFindings | None:
    """Return a run's data report for people, or None where the run did not come so far.

    Args:
        run_report: `RetrainRun.report`.
    """
    report = data_report(run_report)
    if report is None:
        return None
    names = {product.sku: product.name for product in items.in_order([sku for sku, _ in report.top_items[:SHOWN]])}
    top_items = [(names.get(sku, sku), count) for sku, count in report.top_items[:SHOWN]]
    return DataFindings(
        facts=_facts(report),
        datasets=tuple(_dataset(name, counts) for name, counts in report.datasets.items()),
        rankings=(
            _rank("Event types", report.event_types.items()),
            _rank("Categories", report.categories.items()),
            _rank("Most wanted items", top_items),
        ),
        drift=tuple(
            Fact(each.feature, f"{each.verdict}, PSI {each.psi:.3f} against run {each.against_run}", each.verdict)
            for each in report.drift
        ),
    )


def count_interactions(run_report: Mapping[str, Any]) -> str:
    """Return how many interactions a run exported, in words; empty where it did not come so far."""
    n_rows = run_report.get("export", {}).get("n_rows")
    report = data_report(run_report)
    if report is not None and "INTERACTIONS" in report.datasets:
        n_rows = report.datasets["INTERACTIONS"].n_exported
    return f"{n_rows:,}" if n_rows is not None else ""


def _facts(report: DataReport) -> tuple[Fact, ...]:
    bots = ", ".join(f"{count:,} by {habit}" for habit, count in report.n_bots.items())
    return (
        Fact("Window", f"{report.window_days:g} days"),
        Fact("Oldest interaction", _day(report.first_at)),
        Fact("Newest interaction", _day(report.last_at)),
        Fact("Shoppers", f"{report.n_users:,}"),
        Fact("Items", f"{report.n_items:,} of {report.n_listed:,} listed"),
        Fact("Bots left out", bots or "none"),
    )


def _day(epoch_s: int | None) -> str:
    return "none" if epoch_s is None else f"{datetime.fromtimestamp(epoch_s, UTC):%-d %b %Y, %H:%M}"


def _dataset(name: str, counts: DatasetCounts) -> DatasetLine:
    return DatasetLine(
        name.capitalize(),
        f"{counts.n_read:,}",
        f"{counts.n_exported:,}",
        _losses(counts.dropped),
        _losses(counts.refused),
    )


def _losses(by_reason: Mapping[str, int]) -> tuple[tuple[str, str], ...]:
    ranked = sorted(by_reason.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple((reason, f"{count:,}") for reason, count in ranked)


def _rank(title: str, counts: Iterable[tuple[str, int]]) -> Ranking:
    ranked = sorted(counts, key=lambda pair: (-pair[1], pair[0]))[:SHOWN]
    most = max((count for _, count in ranked), default=0) or 1
    return Ranking(
        title,
        tuple(Share(name.replace("_", " "), f"{count:,}", round(100 * count / most, 2)) for name, count in ranked),
    )
