"""What a rotation would do in a month at a backend that bills, by what the shop has seen of itself."""

from datetime import timedelta

from django.db.models import Min

from recommendations import conf
from recommendations.adapters.personalize.costs import Plan
from recommendations.models import Interaction, RecommendationServed, RetrainRun, Rotation

NIGHTS_A_MONTH = 365 / 12
# So far back the traffic is looked at; a week holds a weekend.
TRAFFIC = timedelta(days=7)
MONTH = timedelta(days=30)
# An exported row of five columns, where no export has been measured yet.
BYTES_A_ROW = 60
# What a retrain's campaign exists beside the live one before the drain: its gates and the swap.
CHECKS_H = 0.25


def plan_of(rotation: Rotation) -> Plan:
    """Return a rotation's month: its nights as they are now, and the traffic and events of the last days.

    A shop younger than a week is taken to go on as it began; with no past at all nobody asks and nothing happens.
    """
    n_interactions, n_bytes = _exported(rotation)
    return Plan(
        recipe=rotation.recipe,
        n_interactions=n_interactions,
        n_bytes=n_bytes,
        n_retrains=NIGHTS_A_MONTH if rotation.is_active else 0.0,
        requests_per_s=_requests_per_s(rotation),
        min_tps=conf.personalize_min_tps(),
        overlap_h=CHECKS_H + conf.drain_s() / 3600,
        n_events=Interaction.objects.filter(received_at__gt=conf.now() - MONTH).count(),
    )


def _exported(rotation: Rotation) -> tuple[int, int]:
    """Rows and bytes of the newest export, or of what the next one would find."""
    runs = RetrainRun.objects.filter(rotation=rotation, report__export__n_bytes__gt=0).order_by("-pk")
    figures = runs.values_list("report__export__n_rows", "report__export__n_bytes").first()
    if figures is not None:
        return int(figures[0]), int(figures[1])
    days = rotation.window_days or conf.retrain_window_days()
    n_rows = Interaction.objects.filter(occurred_at__gt=conf.now() - timedelta(days=days)).count()
    return n_rows, n_rows * BYTES_A_ROW


def _requests_per_s(rotation: Rotation) -> float:
    """Lists a second that named this rotation, over the last week or since the first of them."""
    now = conf.now()
    served = RecommendationServed.objects.filter(rotation=rotation.key, served_at__gt=now - TRAFFIC)
    first = served.aggregate(first=Min("served_at"))["first"]
    if first is None:
        return 0.0
    # An hour at least, so that the first minutes of a shop do not stand for its month.
    span_s: float = max((now - first).total_seconds(), 3600.0)
    return served.count() / span_s
