"""The ledger of paid acts: what this month has cost, what it still will, and whether one more act fits its budget."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet

from recommendations import conf
from recommendations.exceptions import BudgetExceeded
from recommendations.models import PaidAct

logger = logging.getLogger(__name__)

# Chosen once: whoever writes an act holds this advisory lock, so that two cannot both be the last one that fits.
LOCK = 0x5041_4944
HOUR = timedelta(hours=1)
# So long a campaign is expected beside the one it replaces: its checks, the swap and the drain.
OVERLAP_H = 1.0


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month in US dollars, as estimated at one moment.

    Attributes:
        spent: for what was done, and for campaigns up to that moment.
        reserved: for the campaigns that are open, up to the month's end; of several of one owner the dearest counts.
        ends_at: when the next month begins.
    """

    spent: float
    reserved: float
    ends_at: datetime


def spend(act: PaidAct) -> bool:
    """Write an act down before it is done, and log a line that says what it costs; a name pays once.

    Args:
        act: unsaved, without its moment.

    Returns:
        Whether it is new; False where an act of this kind and name was written before.

    Raises:
        BudgetExceeded: PERSONALIZE_MONTHLY_BUDGET_USD would not do for it. Nothing was written.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        if PaidAct.objects.filter(kind=act.kind, name=act.name).exists():
            return False
        act.began_at = conf.now()
        _check_budget(act)
        act.save(force_insert=True)
    logger.info("paid act: %s", _told(act), extra={"paid_act": act.kind, "resource": act.name})
    return True


def forget(act: PaidAct) -> None:
    """Take back an act that the backend refused, so that nobody pays for it."""
    PaidAct.objects.filter(pk=act.pk).delete()


def end_group(group_name: str) -> None:
    """Let the campaigns of a dataset group cost nothing from here on: the group is gone."""
    now = conf.now()
    for act in open_campaigns().filter(group_name=group_name):
        # A world's clock may be set back.
        PaidAct.objects.filter(pk=act.pk).update(ended_at=max(now, act.began_at))


def open_campaigns() -> QuerySet[PaidAct]:
    """Return the campaigns that cost something now."""
    return PaidAct.objects.filter(kind=PaidAct.Kind.CAMPAIGN, ended_at__isnull=True)


def month_at(moment: datetime) -> Month:
    """Estimate the calendar month (UTC) that a moment lies in."""
    begins_at = moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    ends_at = (begins_at + timedelta(days=32)).replace(day=1)
    acts = list(PaidAct.objects.filter(began_at__gte=begins_at, began_at__lte=moment).exclude(usd=0))
    campaigns = PaidAct.objects.filter(kind=PaidAct.Kind.CAMPAIGN, began_at__lte=moment)
    billed = [each for each in campaigns if each.ended_at is None or each.ended_at > begins_at]
    spent = sum(act.usd for act in acts) + sum(
        each.usd_an_hour * ((min(each.ended_at or moment, moment) - max(each.began_at, begins_at)) / HOUR)
        for each in billed
    )
    left_h = (ends_at - moment) / HOUR
    return Month(spent, sum(_dearest(each for each in billed if each.ended_at is None).values()) * left_h, ends_at)


def _dearest(campaigns: Iterable[PaidAct]) -> dict[str, float]:
    """US dollars an hour of each owner's dearest campaign: the others are about to be replaced."""
    dearest: dict[str, float] = {}
    for each in campaigns:
        dearest[each.owner] = max(each.usd_an_hour, dearest.get(each.owner, 0.0))
    return dearest


def _check_budget(act: PaidAct) -> None:
    budget = conf.monthly_budget_usd()
    if not budget:
        return
    month = month_at(act.began_at)
    needed = act.usd + act.usd_an_hour * _hours_to_pay(act, month)
    total = month.spent + month.reserved + needed
    if total > budget:
        raise BudgetExceeded(
            f"The {act.kind} {act.name} is estimated at {needed:,.2f} USD this month; with {month.spent:,.2f} spent "
            f"and {month.reserved:,.2f} kept for open campaigns until {month.ends_at:%Y-%m-%d} that makes {total:,.2f} "
            f"of {budget:,.2f}. Raise PERSONALIZE_MONTHLY_BUDGET_USD, or delete campaigns that nobody needs: "
            "manage.py reap_campaigns."
        )


def _hours_to_pay(act: PaidAct, month: Month) -> float:
    left_h = (month.ends_at - act.began_at) / HOUR
    replaces = open_campaigns().filter(owner=act.owner, usd_an_hour__gte=act.usd_an_hour).exists()
    return min(OVERLAP_H, left_h) if replaces else left_h


def _told(act: PaidAct) -> str:
    if act.kind == PaidAct.Kind.CAMPAIGN:
        return f"{act.name} is estimated at {act.usd_an_hour:,.2f} USD an hour until it is deleted"
    return f"{act.kind} {act.name} of {act.n_rows:,} rows is estimated at {act.usd:,.2f} USD"
