"""The inspector: one shopper's history beside the lists of two campaigns and of popularity, as pictures."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from recommendations import conf, items, shared_lists
from recommendations.adapters.registry import get_backend
from recommendations.exceptions import RecommendationsError
from recommendations.items import Product
from recommendations.models import Deployment, Interaction, LiveCampaign, Rotation

SHOWN_ITEMS = 12
SHOWN_INTERACTIONS = 24


@dataclass(frozen=True, slots=True)
class Face:
    """One item and what is said under its picture."""

    product: Product
    caption: str
    is_known: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """One list: what it is, its items, or why it has none."""

    title: str
    detail: str
    faces: Sequence[Face] = ()
    fault: str = ""
    is_live: bool = False
    trained_at: datetime | None = None
    n_popular: int = 0


@require_safe
def inspector(request: HttpRequest) -> HttpResponse:
    """Staff only: the address is wrapped in the admin's own check."""
    if "random" in request.GET:
        return HttpResponseRedirect(_address(_random_shopper_key(), request.GET.get("rotation", "")))
    rotations = list(Rotation.objects.all())
    asked = request.GET.get("rotation", "")
    rotation = next((one for one in rotations if one.key == asked), rotations[0] if rotations else None)
    shopper_key = "".join(filter(str.isprintable, request.GET.get("shopper", ""))).strip()[:64]
    context = {
        **admin.site.each_context(request),
        "title": "Inspector",
        "is_nav_sidebar_enabled": False,
        "rotations": rotations,
        "rotation": rotation,
        "shopper_key": shopper_key,
    }
    if shopper_key and rotation:
        history = _history(shopper_key)
        known = {face.product.sku for face in history}
        context |= {"history": history, "columns": _columns(rotation, shopper_key, known)}
    return render(request, "admin/recommendations/inspector.html", context)


def _address(shopper_key: str, rotation: str) -> str:
    return f"{reverse('inspector')}?{urlencode({'shopper': shopper_key, 'rotation': rotation})}"


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


def _columns(rotation: Rotation, shopper_key: str, known: set[str]) -> list[Column]:
    popular = shared_lists.read(shared_lists.MOST_POPULAR)[:SHOWN_ITEMS]
    live = LiveCampaign.objects.filter(rotation=rotation).values_list("deployment_id", flat=True).first()
    sides = [
        _side(deployment, rotation, shopper_key, known, set(popular), is_live=deployment.pk == live)
        for deployment in rotation.deployments.exclude(campaign_arn="").order_by("-colour")
    ]
    return [*sides, Column("Popularity", "The same for everybody", _faces(popular, known), n_popular=len(popular))]


def _side(
    deployment: Deployment, rotation: Rotation, shopper_key: str, known: set[str], popular: set[str], *, is_live: bool
) -> Column:
    title = deployment.get_colour_display()
    try:
        answer = get_backend(rotation.backend).runtime.get_recommendations(
            deployment.campaign_arn, user_id=shopper_key, k=SHOWN_ITEMS, filter_arn=deployment.filter_arn
        )
    except RecommendationsError as error:
        return Column(title, rotation.recipe, fault=str(error), is_live=is_live, trained_at=deployment.trained_at)
    return Column(
        title,
        rotation.recipe,
        _faces(answer.item_ids, known),
        is_live=is_live,
        trained_at=deployment.trained_at,
        n_popular=len(popular.intersection(answer.item_ids)),
    )


def _faces(item_ids: Sequence[str], known: set[str]) -> list[Face]:
    return [
        Face(product, f"{rank}", product.sku in known) for rank, product in enumerate(items.in_order(item_ids), start=1)
    ]
