"""The log of a drive against the tables: was every interaction stored, and once."""

import time
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from recommendations.events import ids
from recommendations.models import Impression, Interaction, RecommendationServed
from storefront.simulation.driving.ledger import Fact, Ledger

PATIENCE_S = 30.0
LOOK_EVERY_S = 0.5
# Ids carry milliseconds; what was listed just before the drive began cannot be its doing.
MARGIN = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Stored:
    """What the tables hold of a drive.

    Attributes:
        n_logged: interactions that the simulator believes it caused.
        n_stored: interactions of its shoppers in the table.
        n_lost: logged and not stored.
        n_doubled: stored oftener than logged.
        n_impressions_logged, n_impressions_stored: the same of impressions.
        rungs: how many Recommended For You lists each rung served to its shoppers.
    """

    n_logged: int
    n_stored: int
    n_lost: int
    n_doubled: int
    n_impressions_logged: int
    n_impressions_stored: int
    rungs: dict[str, int]


def reconcile(ledger: Ledger, *, since: datetime, patience_s: float = PATIENCE_S) -> Stored:
    """Compare once the consumers have caught up, or when patience ends.

    Args:
        ledger: the log.
        since: the world's time when the drive began.
        patience_s: how long stream and outbox may take to empty.
    """
    give_up_s = time.monotonic() + patience_s
    floor = ids.floor_for(since - MARGIN)
    keys = ledger.shopper_keys
    while True:
        table = _table(floor, keys)
        lost = (ledger.counts - table).total()
        impressions = _impressions(floor, keys)
        is_settled = not lost and impressions >= ledger.n_impressions
        if is_settled or time.monotonic() >= give_up_s:
            break
        time.sleep(LOOK_EVERY_S)
    if is_settled:
        # A second copy would come after the first.
        time.sleep(2 * LOOK_EVERY_S)
        table = _table(floor, keys)
    return Stored(
        n_logged=len(ledger),
        n_stored=table.total(),
        n_lost=(ledger.counts - table).total(),
        n_doubled=(table - ledger.counts).total(),
        n_impressions_logged=ledger.n_impressions,
        n_impressions_stored=_impressions(floor, keys),
        rungs=_rungs(floor, keys),
    )


def _table(floor: object, keys: set[str]) -> Counter[Fact]:
    rows = Interaction.objects.filter(event_id__gte=floor)
    counted = rows.values_list("shopper_key", "event_type", "item_id").annotate(n=Count("event_id"))
    return Counter({Fact(key, kind, item): n for key, kind, item, n in counted.iterator() if key in keys})


def _impressions(floor: object, keys: set[str]) -> int:
    rows = Impression.objects.filter(impression_id__gte=floor).values_list("shopper_key")
    return sum(n for key, n in rows.annotate(n=Count("impression_id")) if key in keys)


def _rungs(floor: object, keys: set[str]) -> dict[str, int]:
    rows = RecommendationServed.objects.filter(recommendation_id__gte=floor, row="recommended")
    rungs: Counter[str] = Counter()
    for key, rung, n in rows.values_list("shopper_key", "rung").annotate(n=Count("recommendation_id")):
        rungs[rung] += n if key in keys else 0
    return dict(rungs)
