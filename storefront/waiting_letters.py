"""Tells the alarms and the metrics what mail about orders waits, was refused, or may not have arrived."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min
from django.db.models.functions import Coalesce

from catalog.models import OrderStep
from recommendations.alarms.facts import LetterFacts
from storefront.letters.models import FAILED, OWED, Bookmark, Letter

# So long after its last attempt a letter that failed is looked after, or never will be.
FAILED_LATELY = timedelta(days=1)
Status = Letter.Status


def find_waiting_letters() -> LetterFacts:
    """What waits now, what is not written yet, and what failed in the last day."""
    owed = Letter.objects.filter(status__in=OWED)
    waiting = owed.aggregate(n=Count("pk"), oldest=Min(Coalesce("again_at", "made_at")))
    since = settings.CLOCK.now() - FAILED_LATELY
    failed = Letter.objects.filter(status__in=FAILED, try_at__gt=since).order_by()
    counted = dict(failed.values_list("status").annotate(n=Count("pk")))
    return LetterFacts(
        n_waiting=waiting["n"],
        oldest_waiting_at=waiting["oldest"],
        oldest_unwritten_at=_first_unread_step_at(),
        n_refused=counted.get(Status.REFUSED, 0),
        n_unsure=counted.get(Status.UNSURE, 0),
    )


def _first_unread_step_at() -> datetime | None:
    """When the first step after the bookmark was; none where letters have not begun."""
    bookmark = Bookmark.objects.first()
    if bookmark is None:
        return None
    return OrderStep.objects.filter(pk__gt=bookmark.step_id).order_by("pk").values_list("at", flat=True).first()
