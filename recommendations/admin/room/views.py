"""The room's pages: a rotation, a run, and the confirmation of what is to be done. Wrapped in the admin's own check."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from recommendations import conf
from recommendations.admin.room import reads
from recommendations.admin.room.actions import answer_action
from recommendations.admin.room.offers import RULES
from recommendations.admin.room.page import describe_room, describe_run_page
from recommendations.models import RetrainRun, Rotation
from recommendations.pipeline.nights import next_night_at

VIEW_PERMISSION = "recommendations.view_rotation"


@require_safe
def room(request: HttpRequest, key: str = "") -> HttpResponse:
    """One rotation, the first live one where none is named, with the way to the others."""
    _check_may_view(request)
    rotations = reads.read_rotations()
    wanted = [each for each in rotations if each.key == key or not key]
    if key and not wanted:
        raise Http404("There is no such rotation.")
    rotation = next((each for each in wanted if reads.live_of(each) is not None), wanted[0] if wanted else None)
    context: dict[str, Any] = {"title": "Campaign room", "now": conf.now()}
    if rotation is not None:
        context |= {
            "room": describe_room(rotation, request.user),
            "tabs": reads.describe_tabs(rotations),
            "next_night_at": next_night_at() if rotation.is_active else None,
        }
    return _render(request, "room.html", context)


@require_safe
def run(request: HttpRequest, key: str, run_id: int) -> HttpResponse:
    """One run with all that it found and all that happened to it."""
    _check_may_view(request)
    rotation = get_object_or_404(Rotation.objects.select_related("live__deployment"), key=key)
    found = get_object_or_404(RetrainRun.objects.filter(rotation=rotation).prefetch_related("actions"), pk=run_id)
    context = {"title": f"Run {found.pk}", "page": describe_run_page(rotation, found)}
    return _render(request, "run.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def action(request: HttpRequest, key: str, name: str) -> HttpResponse:
    """Ask for a reason (GET), then do it (POST)."""
    _check_may_view(request)
    if name not in RULES:
        raise Http404("There is no such action.")
    rotation = get_object_or_404(Rotation.objects.select_related("live__deployment"), key=key)
    return answer_action(request, rotation, name)


def _check_may_view(request: HttpRequest) -> None:
    if not request.user.has_perm(VIEW_PERMISSION):
        raise PermissionDenied


def _render(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    frame = {**admin.site.each_context(request), "is_nav_sidebar_enabled": False}
    return render(request, f"admin/recommendations/campaigns/{template}", frame | context)
