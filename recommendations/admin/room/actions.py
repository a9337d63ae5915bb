"""Does what an admin asked for: one service each, a reason first, and a line in the admin's own record."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from recommendations import conf
from recommendations.admin.room import reads
from recommendations.admin.room.forms import ReasonForm, WaivingForm
from recommendations.admin.room.offers import (
    ABANDON,
    RETRAIN,
    ROLL_BACK,
    Offer,
    describe_effects,
    describe_offer,
    may,
    may_waive,
)
from recommendations.admin.room.sides import Pair
from recommendations.exceptions import RecommendationsError
from recommendations.models import RetrainRun, Rotation
from recommendations.pipeline.control import abandon_run, request_retrain, roll_back
from recommendations.pipeline.gates.waivers import waive_gate
from recommendations.tasks import advance_soon


class OvertakenError(Exception):
    """Things are no longer as the page had shown them; the message says how they are."""


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked: of which rotation, with what before one's eyes, by whom, why, and which gate may fail."""

    rotation: Rotation
    pair: Pair
    seen: int
    actor: str
    reason: str
    waive: str = ""


def answer_action(request: HttpRequest, rotation: Rotation, name: str) -> HttpResponse:
    """Show the confirmation, or do it and go back to the room.

    Args:
        request: GET asks for the page, POST for the deed.
        rotation: as read with its live side.
        name: of an action in `offers.RULES`.

    Raises:
        PermissionDenied: the user may look, and not do this.
    """
    if not may(request.user, name):
        raise PermissionDenied
    pair = reads.read_pair(rotation, reads.find_active(rotation))
    form_type = WaivingForm if name == RETRAIN and may_waive(request.user) else ReasonForm
    if request.method != "POST":
        initial = {"seen": SEEN[name](rotation, pair), "waive": request.GET.get("waive", "")}
        return _confirm(request, rotation, pair, name, form_type(initial=initial))
    form = form_type(request.POST)
    if not form.is_valid():
        return _confirm(request, rotation, pair, name, form, status=400)
    said = form.cleaned_data
    asked = Request(
        rotation, pair, said["seen"], request.user.get_username(), said["reason"].strip(), said.get("waive", "")
    )
    try:
        done = DEEDS[name](asked)
    except OvertakenError as overtaken:
        messages.warning(request, str(overtaken))
    except RecommendationsError as refusal:
        form.add_error(None, str(refusal))
        return _confirm(request, rotation, pair, name, form, status=409)
    else:
        _log(request, rotation, f"{done} {asked.reason}")
        messages.success(request, done)
    return HttpResponseRedirect(reverse("campaign", args=[rotation.key]))


def _retrain(asked: Request) -> str:
    active = asked.pair.active
    if active is not None:
        raise OvertakenError(f"Run {active.pk} is under way already; nothing was started.")
    if asked.seen != _newest_run(asked.rotation, asked.pair):
        raise OvertakenError("A run was begun and ended since you opened the page; nothing was started.")
    # Together, so that nobody advances the run before its waiver is there.
    with transaction.atomic():
        run = request_retrain(asked.rotation.key, actor=asked.actor, reason=asked.reason)
        if asked.waive:
            waive_gate(run, asked.waive, actor=asked.actor, reason=asked.reason)
        advance_soon()
    waived = f" Gate {asked.waive} may fail, this once." if asked.waive else ""
    return f"Run {run.pk} rebuilds {run.get_colour_display()}.{waived}"


def _abandon(asked: Request) -> str:
    active = asked.pair.active
    if active is None or active.pk != asked.seen:
        raise OvertakenError(f"Run {asked.seen} has ended already; nothing was abandoned.")
    run = abandon_run(active, actor=asked.actor, reason=asked.reason)
    return f"Run {run.pk} is abandoned; what is live stays."


def _roll_back(asked: Request) -> str:
    if asked.seen != _version(asked.rotation, asked.pair):
        raise OvertakenError("The live pointer has moved since you opened the page; nothing was rolled back.")
    swap = roll_back(asked.rotation.key, actor=asked.actor, reason=asked.reason, expected_version=asked.seen)
    return f"Rolled back to {swap.get_to_colour_display()}; every process serves it within 5 seconds."


def _newest_run(rotation: Rotation, _: Pair) -> int:
    newest = RetrainRun.objects.filter(rotation=rotation).values_list("pk", flat=True).first()
    return newest or 0


def _active_run(_: Rotation, pair: Pair) -> int:
    return pair.active.pk if pair.active is not None else 0


def _version(_: Rotation, pair: Pair) -> int:
    return pair.live.version if pair.live is not None else 0


DEEDS: Mapping[str, Callable[[Request], str]] = MappingProxyType(
    {RETRAIN: _retrain, ABANDON: _abandon, ROLL_BACK: _roll_back}
)
# What the page shows is sent along, so that a second click finds that the first has been there.
SEEN: Mapping[str, Callable[[Rotation, Pair], int]] = MappingProxyType(
    {RETRAIN: _newest_run, ABANDON: _active_run, ROLL_BACK: _version}
)


def _confirm(
    request: HttpRequest, rotation: Rotation, pair: Pair, name: str, form: ReasonForm, status: int = 200
) -> HttpResponse:
    offer: Offer = describe_offer(rotation, pair, name, request.user)
    context = {
        **admin.site.each_context(request),
        "is_nav_sidebar_enabled": False,
        "title": offer.title,
        "rotation": rotation,
        "offer": offer,
        "form": form,
        "effects": describe_effects(rotation, pair, name),
    }
    return render(request, "admin/recommendations/campaigns/confirm.html", context, status=status)


def _log(request: HttpRequest, rotation: Rotation, message: str) -> None:
    LogEntry.objects.create(
        user_id=str(request.user.pk),
        content_type=ContentType.objects.get_for_model(Rotation),
        object_id=str(rotation.pk),
        object_repr=str(rotation),
        action_flag=CHANGE,
        change_message=message,
        action_time=conf.now(),
    )
