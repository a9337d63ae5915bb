"""What a drive found, as values for programs and as tables for people."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from rich.console import Console
from rich.table import Table

from storefront.simulation.driving.reconciling import Stored
from storefront.simulation.driving.tally import Tally


@dataclass(frozen=True, slots=True)
class RowReport:
    """One row: how often it and its cards were seen, how well its cards suit, and what was clicked; shares 0..1."""

    row: str
    seen: int
    cards_seen: int
    mean_liking: float
    clicks: int
    click_through_share: float


@dataclass(frozen=True, slots=True)
class VariationReport:
    """One variation as homepages showed it: how many there were, how many were clicked, and their share, 0..1."""

    variation: str
    homes: int
    clicks: int
    page_click_share: float


@dataclass(frozen=True, slots=True)
class DriveReport:
    """One drive; latencies count from when a page was due; shares are 0..1, None where nothing could be counted."""

    page_views: int
    failed: int
    failures: tuple[str, ...]
    seconds: float
    rate: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float
    pages: Mapping[str, int]
    deeds: Mapping[str, int]
    purchases: int
    rows: tuple[RowReport, ...]
    variations: tuple[VariationReport, ...]
    personal_share: float | None
    personal_share_of_known: float | None
    stored: Stored | None
    log: str

    @classmethod
    def of(cls, tally: Tally, *, seconds: float, stored: Stored | None, log: str) -> Self:
        """Sum a drive up."""
        rows = tuple(
            RowReport(
                row=name,
                seen=count.seen,
                cards_seen=count.cards,
                mean_liking=round(count.liking / max(1, count.cards), 3),
                clicks=count.clicks,
                click_through_share=round(count.clicks / max(1, count.cards), 5),
            )
            for name, count in tally.rows.items()
        )
        p50, p95, p99, longest = (round(tally.percentile_ms(percent), 1) for percent in (50, 95, 99, 100))
        return cls(
            page_views=tally.n_pages,
            failed=tally.n_failed,
            failures=tuple(tally.failures),
            seconds=round(seconds, 1),
            rate=round(tally.n_pages / seconds, 1) if seconds > 0 else 0.0,
            p50_ms=p50,
            p95_ms=p95,
            p99_ms=p99,
            max_ms=longest,
            pages=dict(tally.pages),
            deeds=dict(tally.deeds),
            purchases=tally.deeds["purchase"],
            rows=rows,
            variations=_variations(tally),
            personal_share=_share(tally.n_personal, tally.n_homes),
            personal_share_of_known=_share(tally.n_known_personal, tally.n_known),
            stored=stored,
            log=log,
        )

    def as_json(self) -> dict[str, Any]:
        """Everything, ready for `json.dumps`."""
        return asdict(self)


def print_report(report: DriveReport, console: Console) -> None:
    """Print the tables that a drive ends with."""
    console.print(_pages_table(report))
    console.print(_rows_table(report))
    if report.variations:
        console.print(_variations_table(report))
    line = f"Purchases: {report.purchases}"
    others = [f"{name}: {n}" for name, n in sorted(report.deeds.items()) if name != "purchase"]
    console.print(", ".join([line, *others]))
    console.print(
        f"Row 2 is personal on {_percent(report.personal_share)} of all homepages, "
        f"and on {_percent(report.personal_share_of_known)} of those for shoppers whom the shop knows"
        f"{_rungs(report.stored)}."
    )
    if report.stored:
        held = report.stored
        console.print(
            f"Interactions: {held.n_logged:,} caused, {held.n_stored:,} stored, {held.n_lost} lost, "
            f"{held.n_doubled} doubled. Impressions: {held.n_impressions_logged:,} told, "
            f"{held.n_impressions_stored:,} stored."
        )
    for failure in report.failures:
        console.print(f"Failed: {failure}", style="red", markup=False)
    console.print(f"Log: {report.log}", markup=False, soft_wrap=True)


def _pages_table(report: DriveReport) -> Table:
    table = Table(title=f"{report.page_views:,} page views in {report.seconds:g} s")
    for column in ("a second", "failed", "p50 ms", "p95 ms", "p99 ms", "max ms", *report.pages):
        table.add_column(column, justify="right")
    figures = [f"{figure:g}" for figure in (report.rate, report.failed)]
    figures += [f"{figure:.0f}" for figure in (report.p50_ms, report.p95_ms, report.p99_ms, report.max_ms)]
    table.add_row(*figures, *(f"{n:,}" for n in report.pages.values()))
    return table


def _rows_table(report: DriveReport) -> Table:
    table = Table(title="Rows, and how well their cards suit the shopper")
    table.add_column("row")
    for column in ("seen", "cards seen", "liking (sd)", "clicks", "click-through"):
        table.add_column(column, justify="right")
    for row in report.rows:
        table.add_row(
            row.row,
            f"{row.seen:,}",
            f"{row.cards_seen:,}",
            f"{row.mean_liking:+.2f}",
            f"{row.clicks:,}",
            f"{row.click_through_share:.2%}",
        )
    return table


def _variations_table(report: DriveReport) -> Table:
    table = Table(title="Homepages by the variation they showed")
    table.add_column("variation")
    for column in ("homepages", "with a click", "share"):
        table.add_column(column, justify="right")
    for one in report.variations:
        table.add_row(one.variation, f"{one.homes:,}", f"{one.clicks:,}", f"{one.page_click_share:.2%}")
    return table


def _variations(tally: Tally) -> tuple[VariationReport, ...]:
    return tuple(
        VariationReport(name, homes, tally.home_clicks[name], round(tally.home_clicks[name] / homes, 5))
        for name, homes in sorted(tally.homes.items())
        if name
    )


def _rungs(stored: Stored | None) -> str:
    if stored is None or not stored.rungs:
        return ""
    return f"; served by {', '.join(f'{rung} {n:,}' for rung, n in sorted(stored.rungs.items()))}"


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _percent(share: float | None) -> str:
    return "none" if share is None else f"{share:.1%}"
