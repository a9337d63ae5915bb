"""The drops calendar: what opens when, and what opened lately and how much of it is left."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Self

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.models import Product
from storefront.drop_page import FRESH_FOR, DropPanel, panels_of

# More than anybody looks through; the next ones are told.
MAX_TO_COME, MAX_OPENED = 120, 24
# So many weeks stand open; later ones wait behind a fold.
WEEKS_AT_ONCE = 3


@dataclass(frozen=True, slots=True)
class Week:
    """A week of the calendar: its first day, what it is called from today, and what opens in it."""

    monday: date
    words: str
    panels: list[DropPanel]

    @classmethod
    def of(cls, monday: date, panels: list[DropPanel], now: datetime) -> Self:
        """Name a week: this, the next, or by its days."""
        ahead = (monday - now.date() + timedelta(days=now.weekday())).days // 7
        sunday = monday + timedelta(days=6)
        from_day = f"{monday.day} {monday:%B}" if monday.month != sunday.month else f"{monday.day}"
        by_days = f"{from_day} to {sunday.day} {sunday:%B}"
        return cls(monday, ("This week", "Next week")[ahead] if ahead < 2 else by_days, panels)


@dataclass(frozen=True, slots=True)
class Later:
    """The weeks behind the fold: how many drops they hold, and when the last of them opens."""

    weeks: list[Week]

    @property
    def n_drops(self) -> int:
        return sum(len(week.panels) for week in self.weeks)

    @property
    def until(self) -> datetime | None:
        return self.weeks[-1].panels[-1].opens_at if self.weeks else None


@require_safe
def drops(request: HttpRequest) -> HttpResponse:
    now = settings.CLOCK.now()
    announced = Product.objects.select_related("brand", "category", "drop")
    upcoming = list(announced.upcoming()[:MAX_TO_COME])
    opened = list(
        announced.listed()
        .filter(drop__opens_at__gt=now - FRESH_FOR)
        .with_quotes()
        .order_by("-drop__opens_at", "sku")[:MAX_OPENED]
    )
    panels = panels_of([*upcoming, *opened], now)
    to_come, out = panels[: len(upcoming)], panels[len(upcoming) :]
    weeks = [Week.of(monday, list(group), now) for monday, group in groupby(to_come, key=_monday)]
    context = {"weeks": weeks[:WEEKS_AT_ONCE], "later": Later(weeks[WEEKS_AT_ONCE:]), "opened": out}
    return render(request, "drops/index.html", context)


def _monday(panel: DropPanel) -> date:
    return panel.opens_at.date() - timedelta(days=panel.opens_at.weekday())
