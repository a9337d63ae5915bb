"""PURE: what a retrain's data were, as `RetrainRun.report["export"]["data"]` keeps it: the one place of that layout."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from recommendations.pipeline.etl.drift import Drift


@dataclass(frozen=True, slots=True)
class DatasetCounts:
    """Where every row of one dataset went.

    Attributes:
        n_read: rows looked at; the sum of all below.
        n_exported: rows in the file.
        dropped: reason -> good rows left out on purpose: bots, unlisted products, fee lines, doubled events, returns.
        refused: reason -> rows that do not fit the dataset's schema.
        n_bytes: size of the file.
    """

    n_read: int
    n_exported: int
    dropped: Mapping[str, int]
    refused: Mapping[str, int]
    n_bytes: int

    @property
    def n_refused(self) -> int:
        """Rows that do not fit the schema."""
        return sum(self.refused.values())


@dataclass(frozen=True, slots=True)
class DataReport:
    """One export in figures.

    Attributes:
        window_days: length of the window that was asked for.
        window_start_at: its beginning, ISO 8601; interactions that happened later were read.
        watermark_at: its end, ISO 8601; interactions received by then were read.
        first_at, last_at: the oldest and the newest exported interaction, epoch seconds; None without any.
        wanted_types: the event types that were asked for.
        datasets: dataset type -> counts.
        event_types: event type -> exported interactions.
        n_users: shoppers with an exported interaction.
        n_items: items with an exported interaction.
        n_listed: items that the catalogue lists.
        n_bots: shoppers left out as programs, by the habit that gave them away.
        top_items: (item id, exported interactions) of the most popular items, most first.
        categories: category -> exported interactions.
        drift: against the run named there; empty for the first.
    """

    window_days: float
    window_start_at: str
    watermark_at: str
    first_at: int | None
    last_at: int | None
    wanted_types: Sequence[str]
    datasets: Mapping[str, DatasetCounts]
    event_types: Mapping[str, int]
    n_users: int
    n_items: int
    n_listed: int
    n_bots: Mapping[str, int]
    top_items: Sequence[tuple[str, int]]
    categories: Mapping[str, int]
    drift: Sequence[Drift] = field(default_factory=tuple)

    def to_json(self) -> dict[str, Any]:
        """Return what a JSON column can hold; `from_json` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """Return what `to_json` gave.

        Raises:
            KeyError, TypeError: it is not such a report.
        """
        given = dict(kept)
        given["datasets"] = {name: DatasetCounts(**counts) for name, counts in kept["datasets"].items()}
        given["wanted_types"] = tuple(kept["wanted_types"])
        given["top_items"] = tuple((item_id, count) for item_id, count in kept["top_items"])
        given["drift"] = tuple(Drift(**each) for each in kept["drift"])
        return cls(**given)


def data_report(run_report: Mapping[str, Any]) -> DataReport | None:
    """Return the data report inside a run's report, or None where the run did not come so far.

    Args:
        run_report: `RetrainRun.report`.
    """
    kept = run_report.get("export", {}).get("data")
    return DataReport.from_json(kept) if kept else None
