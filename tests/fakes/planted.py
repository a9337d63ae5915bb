"""A project whose facts are planted: each exposed unit orders and waits as its variation says."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from experiments.metrics import MetricDefinition
from experiments.sources import Fact, RowHealth, Sql, Wanted

ORDERS = MetricDefinition("orders_per_shopper", "Orders per shopper", "mean", "orders")
LATENCY = MetricDefinition("page_latency", "Page latency", "mean", "latency_ms", higher_is_better=False, measured="ms")
CLICKS = MetricDefinition("homepage_ctr", "Homepage CTR", "proportion", "orders", measured="share")

# A unit's own luck, 0..99 and the same for ever, decides whether it orders and how long its page takes.
SELECT = """
SELECT luck.unit, luck.first_at AS at, wanted.place AS fact,
    CASE wanted.fact WHEN 'orders' THEN (luck.draw < planted.orders * 100)::int::float8
        ELSE planted.latency_ms * (0.5 + luck.draw / 100.0) END AS value
FROM (
    SELECT e.unit, e.first_at, v.key AS variation, ('x' || substr(md5(e.unit), 1, 8))::bit(32)::bigint %% 100 AS draw
    FROM experiments_exposure e JOIN experiments_variation v ON v.id = e.variation_id
    WHERE e.phase_id = %s AND NOT e.is_forced AND e.first_at >= %s AND e.first_at < %s
) luck
JOIN unnest(%s::text[], %s::float8[], %s::float8[]) AS planted (variation, orders, latency_ms) USING (variation)
CROSS JOIN unnest(%s::text[], %s::int[]) AS wanted (fact, place)
"""


@dataclass
class Planted:
    """What the tests plant; `reset` takes all of it out."""

    orders: dict[str, float] = field(default_factory=dict)
    latency_ms: dict[str, float] = field(default_factory=dict)
    rows: dict[str, RowHealth] = field(default_factory=dict)
    # Told where a whole day is asked about, whatever is slow; the same as the rows where it is None.
    rows_of_a_day: dict[str, RowHealth] | None = None
    asked_slow_ms: set[float] = field(default_factory=set)
    metrics: tuple[MetricDefinition, ...] = (ORDERS, LATENCY, CLICKS)
    complete_until: datetime | None = None
    # Called in the middle of a look.
    meanwhile: Callable[[int], object] | None = None

    def reset(self) -> None:
        self.__init__()  # type: ignore[misc]

    def list_facts(self) -> Sequence[Fact]:
        return (Fact("orders", "An order."), Fact("latency_ms", "How long the page took."))

    def list_metrics(self) -> Sequence[MetricDefinition]:
        return self.metrics

    def select_facts(self, wanted: Wanted) -> Sql:
        keys = sorted({"control", "treatment", *self.orders, *self.latency_ms})
        orders = [self.orders.get(key, 0.5) for key in keys]
        latencies = [self.latency_ms.get(key, 100.0) for key in keys]
        places = list(range(len(wanted.facts)))
        span = (wanted.phase_id, wanted.since, wanted.until)
        return Sql(SELECT, (*span, keys, orders, latencies, list(wanted.facts), places))

    def find_complete_until(self, now: datetime) -> datetime | None:
        return self.complete_until or now

    def find_slack_s(self) -> float:
        return 0.0

    def read_row_health(
        self, phase_id: int, since: datetime, until: datetime, slow_ms: float
    ) -> Mapping[str, RowHealth]:
        if self.meanwhile is not None:
            self.meanwhile(phase_id)
        if math.isinf(slow_ms):
            return self.rows if self.rows_of_a_day is None else self.rows_of_a_day
        self.asked_slow_ms.add(slow_ms)
        return self.rows


SOURCE = Planted()
