"""The inspector: one shopper's history beside the lists of any campaigns and of popularity, as pictures."""

import secrets
from collections.abc import Sequence
from itertools import groupby
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from recommendations import conf, items
from recommendations.admin.side_by_side import MOST_COLUMNS, Face, compare_sides, read_choices
from recommendations.models import Interaction

SHOWN_INTERACTIONS = 24
PERMISSION = "recommendations.view_interaction"


@require_safe
def inspector(request: HttpRequest) -> HttpResponse:
    """For staff with the permission to view interactions: the page shows what somebody did."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    if "random" in request.GET:
        return HttpResponseRedirect(_address(_random_shopper_key(), request.GET.getlist("side")))
    choices = read_choices(request.GET.getlist("side"), request.GET.get("rotation", ""))
    shopper_key = "".join(filter(str.isprintable, request.GET.get("shopper", ""))).strip()[:64]
    context = {
        **admin.site.each_context(request),
        "title": "Inspector",
        "is_nav_sidebar_enabled": False,
        "choices": choices,
        "shopper_key": shopper_key,
        "most_columns": MOST_COLUMNS,
    }
    if shopper_key and choices:
        history = _history(shopper_key)
        columns = compare_sides(choices, shopper_key, [face.product for face in history])
        context |= {"history": history, "columns": columns}
    return render(request, "admin/recommendations/inspector.html", context)


def _address(shopper_key: str, sides: Sequence[str]) -> str:
    return f"{reverse('inspector')}?{urlencode({'shopper': shopper_key, 'side': sides}, doseq=True)}"


def _random_shopper_key() -> str:
    # Random ids beyond the time part pick a random place in the table without reading it.
    bounds = [
        Interaction.objects.order_by(order).values_list("event_id", flat=True).first()
        for order in ("event_id", "-event_id")
    ]
    if bounds[0] is None or bounds[1] is None:
        return ""
    lowest, highest = bounds[0].int, bounds[1].int
    place = UUID(int=lowest + secrets.randbelow(highest - lowest + 1))
    found = Interaction.objects.filter(event_id__gte=place).order_by("event_id").values_list("shopper_key", flat=True)
    for prefix in conf.untrained_prefixes():
        found = found.exclude(shopper_key__startswith=prefix)
    return found.first() or ""


def _history(shopper_key: str) -> list[Face]:
    rows = list(
        Interaction.objects.filter(shopper_key=shopper_key)
        .order_by("-occurred_at")
        .values_list("item_id", "event_type", "occurred_at")[:SHOWN_INTERACTIONS]
    )
    products = {product.sku: product for product in items.in_order([item_id for item_id, _, _ in rows])}
    faces = []
    # A click and the view it led to are one look at one product.
    for item_id, acts in groupby(rows, key=lambda row: row[0]):
        if item_id in products:
            looks = list(acts)
            words = ", ".join(dict.fromkeys(event_type.replace("_", " ") for _, event_type, _ in looks))
            faces.append(Face(products[item_id], f"{words} · {looks[0][2]:%-d %b %H:%M}"))
    return faces
