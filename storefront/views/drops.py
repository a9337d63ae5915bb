"""The drops calendar: what opens when, and what opened lately and how much of it is left."""

from itertools import groupby

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.models import Product
from storefront.drop_page import FRESH_FOR, panels_of

# More than anybody looks through; the next ones are told.
MAX_TO_COME, MAX_OPENED = 120, 24


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
    days = [(day, list(group)) for day, group in groupby(to_come, key=lambda panel: panel.opens_at.date())]
    return render(request, "drops/index.html", {"days": days, "opened": out, "today": now.date()})
