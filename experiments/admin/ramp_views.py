"""The ramp page, and the confirmation of each change on it."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from experiments import plan
from experiments.admin.actions import ACTIONS, Action, list_actions
from experiments.admin.frozen import describe_question
from experiments.admin.permissions import ADD_PERMISSION, RAMP_PERMISSION, VIEW_PERMISSION
from experiments.admin.ramp_forms import RampForm
from experiments.admin.tabs import list_tabs
from experiments.admin.waits import describe_waits
from experiments.admin.watch import describe_watch
from experiments.cautions import find_cautions
from experiments.conf import now
from experiments.exceptions import IllegalRamp, PlanIncomplete
from experiments.history import describe_change, describe_history
from experiments.looks import look_back
from experiments.models import Experiment, RampChange, Status
from experiments.panel import Panel, describe_panel, tell_time_left

UNSTARTED = frozenset({Status.DRAFT, Status.SCHEDULED})


@require_safe
def show_ramp(request: HttpRequest, pk: int) -> HttpResponse:
    """Who sees it now, what the next step waits for, how it does, and all that was changed."""
    experiment = _find_experiment(request, pk)
    panel = _find_panel(experiment)
    can_ramp = request.user.has_perm(RAMP_PERMISSION)
    context = {
        **_frame(request, experiment, experiment.name),
        "tabs": list_tabs(experiment, "ramp"),
        "panel": panel,
        "history": describe_history(experiment),
        "can_ramp": can_ramp,
        "can_copy": can_ramp and request.user.has_perm(ADD_PERMISSION),
    }
    if panel is not None:
        context |= _describe_panel_parts(experiment, panel)
    return TemplateResponse(request, "admin/experiments/experiment/ramp.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def change_ramp(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Ask for a reason (GET), then do it (POST)."""
    experiment = _find_experiment(request, pk)
    if not request.user.has_perm(RAMP_PERMISSION):
        raise PermissionDenied
    panel = _find_panel(experiment)
    if action not in ACTIONS or panel is None:
        raise Http404("There is no such action.")
    asked = ACTIONS[action]
    if request.method == "POST":
        return _answer(request, experiment, panel, asked)
    if not asked.is_offered(panel):
        messages.info(request, f"{asked.label} is not possible now: it is {panel.status.label.lower()}.")
        return _go_to_ramp(experiment)
    return _ask(request, experiment, panel, asked)


def _ask(request: HttpRequest, experiment: Experiment, panel: Panel, action: Action) -> HttpResponse:
    """The question, with what is known so far; a share that cannot be is said on the ramp page itself."""
    target: dict[str, Any] = {}
    if action.asks == "share":
        probe = RampForm({**request.GET.dict(), "reason": "-", "seen_change_id": 0}, action=action, panel=panel)
        if not probe.is_valid():
            for error in (error for errors in probe.errors.values() for error in errors):
                messages.error(request, str(error))
            return _go_to_ramp(experiment)
        target = {"coverage_bp": probe.cleaned_data["coverage_bp"]}
    initial = {**target, "seen_change_id": panel.newest_change_id}
    form = RampForm(initial=initial, action=action, panel=panel)
    return _render_question(request, experiment, action, form, target)


def _answer(request: HttpRequest, experiment: Experiment, panel: Panel, action: Action) -> HttpResponse:
    form = RampForm(request.POST, action=action, panel=panel)
    if not form.is_valid():
        return _render_question(request, experiment, action, form, {}, status=400)
    who = {
        "actor": request.user.get_username(),
        "reason": form.cleaned_data["reason"],
        "expected_change_id": form.cleaned_data["seen_change_id"],
    }
    try:
        change = action.run(experiment.key, form.cleaned_data, who)
    except PlanIncomplete as refusal:
        form.add_error(None, "It cannot start yet.")
        return _render_question(request, experiment, action, form, form.cleaned_data, 409, refusal.faults)
    except IllegalRamp as refusal:
        form.add_error(None, str(refusal))
        return _render_question(request, experiment, action, form, form.cleaned_data, status=409)
    _report(request, experiment, change)
    return _go_to_ramp(experiment)


def _report(request: HttpRequest, experiment: Experiment, change: RampChange | None) -> None:
    if change is None:
        messages.info(request, "Nothing to change: it is already so.")
        return
    after = describe_change(change).after
    told = f"{change.get_action_display()}: {after}. {change.reason}"
    author: int = request.user.pk  # type: ignore[assignment]
    LogEntry.objects.log_actions(author, [experiment], CHANGE, told, single_object=True)
    messages.success(request, f"{change.get_action_display()}. Now: {after}. Everywhere within 5 seconds.")


def _render_question(
    request: HttpRequest,
    experiment: Experiment,
    action: Action,
    form: RampForm,
    target: dict[str, Any],
    status: int = 200,
    faults: Any = (),
) -> HttpResponse:
    panel = form.panel
    context = {
        **_frame(request, experiment, action.tell(panel, target)),
        "action": action,
        "form": form,
        "panel": panel,
        "faults": faults,
        "target_segments": action.draw(panel, target),
        "extra_fields": [form[name] for name in ("at", "variation") if name in form.fields],
    }
    return TemplateResponse(request, "admin/experiments/experiment/ramp_confirm.html", context, status=status)


def _describe_panel_parts(experiment: Experiment, panel: Panel) -> dict[str, Any]:
    moment = now()
    is_unstarted = panel.status in UNSTARTED
    ends_at = plan.read_plan(panel.phase).planned_end_at if panel.phase is not None else experiment.planned_end_at
    parts: dict[str, Any] = {
        "actions": list_actions(panel),
        "can_share": ACTIONS["share"].is_offered(panel),
        "off": ACTIONS["off"] if ACTIONS["off"].is_offered(panel) else None,
        "off_form": RampForm(
            action=ACTIONS["off"],
            panel=panel,
            initial={"seen_change_id": panel.newest_change_id},
            auto_id="id_off_%s",
        ),
        "question": describe_question(experiment),
        "faults": plan.find_faults(experiment, weights_bp=panel.weights_bp, start_at=moment) if is_unstarted else (),
        "cautions": find_cautions(experiment, start_at=moment) if is_unstarted else (),
        "ends_at": ends_at,
        "time_left": tell_time_left(ends_at) if ends_at is not None else "",
    }
    if panel.phase is not None and panel.is_open:
        look = look_back(panel.phase, moment)
        parts |= {"waits": describe_waits(panel, look, moment), "watch": describe_watch(panel, look)}
    return parts


def _find_panel(experiment: Experiment) -> Panel | None:
    try:
        return describe_panel(experiment)
    except IllegalRamp:
        return None


def _find_experiment(request: HttpRequest, pk: int) -> Experiment:
    if not request.user.has_perm(VIEW_PERMISSION) and not request.user.has_perm("experiments.change_experiment"):
        raise PermissionDenied
    found = Experiment.objects.select_related("flag", "shipped", "layer").prefetch_related("variations")
    return get_object_or_404(found, pk=pk)


def _frame(request: HttpRequest, experiment: Experiment, title: str) -> dict[str, Any]:
    return {
        **admin.site.each_context(request),
        "opts": experiment._meta,  # noqa: SLF001
        "experiment": experiment,
        "title": title,
    }


def _go_to_ramp(experiment: Experiment) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:experiments_experiment_ramp", args=[experiment.pk]))
