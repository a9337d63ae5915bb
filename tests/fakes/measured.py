"""A project that measures a few metrics, for pages that only read what was stored of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from experiments.metrics import MetricDefinition
from experiments.sources import Fact, RowHealth, Sql, Wanted

FACTS = (
    *("visits", "purchases", "fees", "views"),
    *("recommended_shown", "recommended_clicked", "popular_shown", "popular_clicked", "latency_ms"),
)
METRICS = (
    MetricDefinition(
        "conversion", "Conversion", "proportion", "purchases", measured="share", description="Shoppers who bought."
    ),
    MetricDefinition("revenue", "Revenue per shopper", "mean", "fees", cap=500, covariate="views", measured="money"),
    MetricDefinition("orders", "Orders per shopper", "mean", "purchases", measured="count"),
    MetricDefinition("latency", "Page latency", "mean", "latency_ms", higher_is_better=False, measured="ms"),
    MetricDefinition(
        "recommended_ctr",
        "Recommended For You",
        "ratio",
        "recommended_clicked",
        "recommended_shown",
        measured="share",
    ),
    MetricDefinition("popular_ctr", "Most Popular", "ratio", "popular_clicked", "popular_shown", measured="share"),
)


@dataclass(frozen=True)
class Measured:
    """Its facts are never selected: snapshots are made of known sums."""

    def list_facts(self) -> Sequence[Fact]:
        return [Fact(key, key, is_early=key == "views") for key in FACTS]

    def list_metrics(self) -> Sequence[MetricDefinition]:
        return METRICS

    def select_facts(self, wanted: Wanted) -> Sql:
        return Sql("SELECT ''::text AS unit, NULL::timestamptz AS at, 0 AS fact, 0::float8 AS value WHERE false")

    def find_complete_until(self, now: datetime) -> datetime | None:
        return now

    def find_slack_s(self) -> float:
        return 0.0

    def read_row_health(
        self, phase_id: int, since: datetime, until: datetime, slow_ms: float
    ) -> Mapping[str, RowHealth]:
        return {}
