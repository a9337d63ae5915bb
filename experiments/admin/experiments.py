"""Experiments in the admin: the list, the form and the ramp page; who sees what changes only through the ramp page."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from experiments.admin.inlines import PhaseInline, VariationInline
from experiments.admin.targets import apply_ramp, describe_target, draw_target
from experiments.exceptions import IllegalRamp
from experiments.forms import OFF, ON, RampForm, TargetForm
from experiments.models import Experiment, Phase, RampChange
from experiments.panel import describe_history, describe_panel, summarise_state

RAMP_PERMISSION = "experiments.ramp_experiment"


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
