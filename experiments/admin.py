"""Flags, experiments and their record in Django's admin; who sees what changes only through the ramp page."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from experiments import ramp
from experiments.bars import Segment, draw_everyone
from experiments.exceptions import IllegalRamp
from experiments.forms import OFF, ON, REOPEN, SHARE, STOP, RampForm, TargetForm
from experiments.models import Experiment, Flag, Phase, RampChange, Variation
from experiments.panel import Panel, describe_history, describe_panel, summarise_state
from experiments.shares import find_seen, format_percent

RAMP_PERMISSION = "experiments.ramp_experiment"


class ReadOnlyMixin:
    """Nothing here is added, changed or deleted by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


class VariationInline(ReadOnlyMixin, admin.TabularInline):  # type: ignore[type-arg]
    model = Variation
    extra = 0
    fields = ("key", "name", "is_control", "payload")


class PhaseInline(ReadOnlyMixin, admin.TabularInline):  # type: ignore[type-arg]
    model = Phase
    extra = 0
    fields = ("number", "included", "split", "started_at", "ended_at", "salt")
    readonly_fields = fields

    @admin.display(description="Included")
    def included(self, phase: Phase) -> str:
        return format_percent(phase.coverage_bp)

    @admin.display(description="Split inside")
    def split(self, phase: Phase) -> str:
        return ", ".join(f"{key} {format_percent(weight_bp)}" for key, weight_bp in phase.read_weights())


@admin.register(Flag)
class FlagAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "everyone", "staff", "authenticated", "note")
    search_fields = ("name", "note")
    fields = ("name", "note", "everyone", "staff", "authenticated", "groups", "users", "created", "modified")
    raw_id_fields = ("users",)
    filter_horizontal = ("groups",)
    ordering = ("name",)

    def get_readonly_fields(self, request: HttpRequest, obj: Flag | None = None) -> tuple[str, ...]:  # noqa: ARG002
        """With an experiment behind it, a flag is switched on the experiment's page, where it is recorded."""
        stamps = ("created", "modified")
        if obj is not None and hasattr(obj, "experiment"):
            return ("name", "everyone", *stamps)
        return stamps

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Deleting one by one shows what hangs on each."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}


@admin.register(Experiment)
class ExperimentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    change_form_template = "admin/experiments/experiment/change_form.html"
    list_display = ("name", "key", "who_sees_it")
    search_fields = ("name", "key")
    fields = ("name", "key", "flag", "created_at")
    readonly_fields = ("key", "flag", "created_at")
    inlines = (VariationInline, PhaseInline)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Experiments are declared in code, beside what their variations do."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:  # noqa: ARG002
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Experiment]:
        open_phases = Prefetch("phases", Phase.objects.filter(ended_at__isnull=True), to_attr="open_phases")
        found = super().get_queryset(request).select_related("flag", "shipped")
        return found.prefetch_related(open_phases, "variations")

    @admin.display(description="Who sees it")
    def who_sees_it(self, experiment: Experiment) -> str:
        return summarise_state(experiment, getattr(experiment, "open_phases", ()))

    def get_urls(self) -> list[URLPattern]:
        ramp_url = path(
            "<path:object_id>/ramp/", self.admin_site.admin_view(self.ramp_view), name="experiments_experiment_ramp"
        )
        return [ramp_url, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The usual page below the ramp panel and above the record of changes."""
        experiment = self.get_object(request, unquote(object_id))
        context: dict[str, Any] = {}
        if experiment is not None and self.has_view_permission(request, experiment):
            panel = describe_panel(experiment)
            context = {
                "panel": panel,
                "history": describe_history(experiment),
                "can_ramp": request.user.has_perm(RAMP_PERMISSION),
                "off_form": RampForm(panel=panel, initial={"action": OFF}, auto_id="id_off_%s"),
                "ramp_url": reverse("admin:experiments_experiment_ramp", args=[experiment.pk]),
            }
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def ramp_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask for a reason (GET), then change who sees the feature (POST)."""
        experiment = self.get_object(request, unquote(object_id))
        if experiment is None:
            raise Http404("There is no such experiment.")
        if not self.has_view_permission(request, experiment) or not request.user.has_perm(RAMP_PERMISSION):
            raise PermissionDenied
        panel = describe_panel(experiment)
        if request.method == "POST":
            form = RampForm(request.POST, panel=panel)
            if not form.is_valid():
                return self._render_confirmation(request, experiment, form, status=400)
            try:
                change = apply_ramp(experiment.key, form.cleaned_data, request.user.get_username())
            except IllegalRamp as refusal:
                form.add_error(None, str(refusal))
                return self._render_confirmation(request, experiment, form, status=409)
            return self._report(request, experiment, change)
        target = TargetForm(request.GET, panel=panel)
        if not target.is_valid():
            for error in (error for errors in target.errors.values() for error in errors):
                messages.error(request, str(error))
            return self._redirect(experiment)
        initial = {**target.cleaned_data, "seen": "", "seen_change_id": panel.newest_change_id}
        return self._render_confirmation(request, experiment, RampForm(panel=panel, initial=initial))

    def _report(self, request: HttpRequest, experiment: Experiment, change: RampChange | None) -> HttpResponse:
        if change is None:
            messages.info(request, "Nothing to change: it is already so.")
        else:
            after = describe_history(experiment)[0].after
            self.log_change(request, experiment, f"{change.get_action_display()}: {after}. {change.reason}")
            messages.success(request, f"{change.get_action_display()}. Now: {after}. Everywhere within 5 seconds.")
        return self._redirect(experiment)

    def _redirect(self, experiment: Experiment) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:experiments_experiment_change", args=[experiment.pk]))

    def _render_confirmation(
        self, request: HttpRequest, experiment: Experiment, form: RampForm, status: int = 200
    ) -> HttpResponse:
        panel = form.panel
        values = form.cleaned_data if form.is_bound else form.initial
        action, coverage_bp = values.get("action") or "", values.get("coverage_bp")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": experiment,
            "title": describe_target(panel, action, coverage_bp),
            "form": form,
            "panel": panel,
            "action": action,
            "asks_variation": action == ON and len(panel.featured) > 1,
            "target_segments": draw_target(panel, action, coverage_bp),
            "ramp_url": reverse("admin:experiments_experiment_ramp", args=[experiment.pk]),
            "back_url": reverse("admin:experiments_experiment_change", args=[experiment.pk]),
        }
        template = "admin/experiments/experiment/ramp_confirm.html"
        return TemplateResponse(request, template, context, status=status)


@admin.register(RampChange)
class RampChangeAdmin(ReadOnlyMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("at", "experiment", "action", "actor", "old_state", "new_state", "reason")
    list_filter = ("experiment", "action")
    list_select_related = ("experiment",)
    search_fields = ("actor", "reason")


def apply_ramp(key: str, target: dict[str, Any], actor: str) -> RampChange | None:
    """Make the change that a valid RampForm asks for.

    Raises:
        IllegalRamp: As the ramp services say.
    """
    reason, seen_change_id = target["reason"], target.get("seen_change_id")
    if target["action"] == OFF:
        return ramp.turn_off(key, actor=actor, reason=reason)
    if target["action"] == ON:
        variation = target.get("variation") or None
        return ramp.ship(key, actor=actor, reason=reason, variation=variation, expected_change_id=seen_change_id)
    if target["action"] == REOPEN:
        return ramp.reopen(key, actor=actor, reason=reason)
    if target["action"] == STOP:
        return ramp.stop(key, actor=actor, reason=reason)
    return ramp.ramp_to(
        key, coverage_bp=target["coverage_bp"], actor=actor, reason=reason, expected_change_id=seen_change_id
    )


def describe_target(panel: Panel, action: str, coverage_bp: int | None) -> str:
    """What a change would do, in a title's words."""
    if action == SHARE and coverage_bp is not None:
        return f"Show it to {format_percent(find_seen(coverage_bp, panel.featured_bp))}"
    titles = {
        ON: "Turn it on for everyone",
        OFF: "Turn it off for everyone",
        REOPEN: f"Reopen at {panel.waiting_seen}",
        STOP: "Stop this phase for good",
    }
    return titles.get(action, "Change who sees it")


def draw_target(panel: Panel, action: str, coverage_bp: int | None) -> tuple[Segment, ...]:
    """The bar as it would be after the change."""
    if action == SHARE and coverage_bp is not None:
        return panel.draw_coverage(coverage_bp)
    if action == REOPEN:
        return panel.draw_coverage(panel.coverage_bp)
    if action == ON:
        return draw_everyone(panel.variations, panel.featured[0].key)
    return draw_everyone(panel.variations, panel.control.key)
