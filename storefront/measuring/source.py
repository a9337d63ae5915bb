"""The shop as a source of facts: what experiments are measured by, and how far it is complete."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import connection
from redis.exceptions import RedisError

from experiments.metrics import MetricDefinition
from experiments.models import Variation
from experiments.sources import Fact, RowHealth, Sql, Table, Wanted
from recommendations import conf
from recommendations.events import ids, outbox, pulse
from recommendations.events.connections import worker_client
from recommendations.events.streams import open_stream
from recommendations.exceptions import StreamUnavailable
from recommendations.serving.fallback import Rung
from storefront.measuring.branches import ID_AROUND, Branches
from storefront.measuring.facts import FACTS
from storefront.measuring.metrics import METRICS
from storefront.second_row.payloads import FromRotation, read_payload

logger = logging.getLogger(__name__)

# The groups that write what is analysed; the slowest decides how far it is complete.
GROUPS = ("store", "exposures")
# What waits in a process's buffer while Valkey is away may come so much later than everything else.
STRAGGLERS_S = 1_800.0

# A rule's row has no rotation: what it shows is no fallback, whatever its rung. Where a variation names a campaign,
# whoever has no history still gets control's rule; such lists would hide how the campaign does.
ROW_HEALTH = """
SELECT s.variation, count(*), count(*) FILTER (WHERE s.error <> ''),
       count(*) FILTER (WHERE s.rotation <> '' AND s.rung <> %s),
       percentile_cont(0.95) WITHIN GROUP (ORDER BY s.took_ms), count(*) FILTER (WHERE s.took_ms > %s)
FROM recommendations_recommendationserved s
WHERE s.phase_id = %s AND s.served_at >= %s AND s.served_at < %s
  AND s.recommendation_id >= %s AND s.recommendation_id < %s
  AND (s.rotation <> '' OR s.error <> '' OR s.variation <> ALL(%s))
GROUP BY s.variation
"""


class ShopSource:
    """Reads interactions, lists, impressions and page views where the consumers put them."""

    def list_facts(self) -> Sequence[Fact]:
        """Everything that metrics can be made of."""
        return FACTS

    def list_metrics(self) -> Sequence[MetricDefinition]:
        """The shop's own metrics."""
        return METRICS

    def select_facts(self, wanted: Wanted) -> Sql:
        """One SELECT over the tables that hold a wanted fact."""
        return Branches(wanted).select()

    def select_tables(self, wanted: Wanted) -> Sequence[Table]:
        """One SELECT for each table that holds a wanted fact."""
        return Branches(wanted).select_tables()

    def find_complete_until(self, now: datetime) -> datetime | None:
        """Now, less what the slowest consumer or the outbox has still to do; None while Valkey is out of reach."""
        try:
            stream, time_s = open_stream(), pulse.time_s(worker_client())
            waiting = [since_s for group in GROUPS if (since_s := stream.waiting_since_s(group)) is not None]
        except (RedisError, OSError, StreamUnavailable):
            logger.warning("How far the facts are complete is not known.", extra={"code": "facts_unknown"})
            return None
        lag_s = max((time_s - since_s for since_s in waiting), default=0.0)
        complete = now - timedelta(seconds=max(0.0, lag_s) * conf.clock_rate())
        oldest_purchase = outbox.oldest_waiting_at()
        return complete if oldest_purchase is None else min(complete, oldest_purchase)

    def find_slack_s(self) -> float:
        """Half an hour of the system's time."""
        return STRAGGLERS_S * conf.clock_rate()

    def read_row_health(
        self, phase_id: int, since: datetime, until: datetime, slow_ms: float
    ) -> Mapping[str, RowHealth]:
        """By variation, of the lists that the phase chose: of a campaign's variation those that it was asked for."""
        asking = _find_asking(phase_id)
        bounds = (ids.floor_for(since - ID_AROUND), ids.floor_for(until + ID_AROUND))
        with connection.cursor() as cursor:
            cursor.execute(ROW_HEALTH, (Rung.PERSONAL.value, slow_ms, phase_id, since, until, *bounds, asking))
            return {variation: RowHealth(*figures) for variation, *figures in cursor.fetchall()}


def _find_asking(phase_id: int) -> list[str]:
    """Keys of the variations that ask a campaign."""
    payloads = Variation.objects.filter(experiment__phases=phase_id).values_list("key", "payload")
    return [key for key, payload in payloads if isinstance(read_payload(payload), FromRotation)]
