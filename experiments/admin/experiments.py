"""Experiments in the admin: the list, the form of a draft, and the way to the ramp and to what is read of it."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from experiments.admin import aa_test, planner, preview, ramp_views
from experiments.admin.experiment_form import ExperimentForm, FrozenForm
from experiments.admin.frozen import SHOWN_INSTEAD, FrozenPlanMixin
from experiments.admin.inlines import VariationInline, is_draft
from experiments.admin.results import views as results
from experiments.admin.tabs import list_tabs
from experiments.history import describe_phases
from experiments.hooks import list_payload_kinds
from experiments.models import Experiment, Flag, Phase, Status
from experiments.panel import summarise_share, tell_days_left
from experiments.report.overview import decide_all
from experiments.snapshot import expire_snapshot

# A label, kept beyond the draft.
ALWAYS_EDITABLE = ("name",)
HIDDEN_ONCE_FROZEN = ("limit_fallbacks", "limit_p95", "layer_stop")
WEIGHED = frozenset({Status.RUNNING, Status.HELD, Status.ROLLED_BACK, Status.COMPLETED})
FROZEN = "What is asked was fixed when it started, so that the answer is to that question alone."

GROUPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("What it is", "", ("name", "key", "flag_name", "design")),
    (
        "The question",
        "What is known, what is changed, and how much it should move what.",
        ("research_note", "change", "primary_metric", "expected_effect", "secondary_metrics"),
    ),
    (
        "How sure",
        "Fixed before it starts, so that nobody can move the goal afterwards.",
        ("alpha", "power", "mde", "planned_end_at"),
    ),
    (
        "What must not get worse",
        "Checked every minute; beyond them it is rolled back by itself.",
        ("guardrails", "limit_errors", "limit_fallbacks", "limit_p95"),
    ),
    ("The ramp", "", ("steps", "allocation")),
    ("Who", "", ("eligibility", "layer", "layer_start", "layer_stop")),
)


class ExperimentList(ChangeList):
    """One page of experiments with their verdicts, all weighed together."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        weighed = [experiment for experiment in self.result_list if experiment.status in WEIGHED]
        decisions = decide_all(weighed)
        for experiment in weighed:
            decision = decisions.get(experiment.pk)
            experiment.verdict_title = decision.title if decision is not None else "-"


@admin.register(Experiment)
class ExperimentAdmin(FrozenPlanMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    """A draft is edited here; from its start only the ramp page changes anything."""

    change_form_template = "admin/experiments/experiment/change_form.html"
    add_form_template = "admin/experiments/experiment/change_form.html"
    change_list_template = "admin/experiments/experiment/change_list.html"
    form = ExperimentForm
    list_display = ("name", "shown_status", "who_sees_it", "days_left", "verdict", "design", "key")
    list_filter = ("status", "design")
    search_fields = ("name", "key")
    list_per_page = 25
    inlines = (VariationInline,)

    def has_delete_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        """Only a draft that nobody has ever seen."""
        if obj is not None and (obj.status != Status.DRAFT or obj.ramp_changes.exists() or obj.phases.exists()):
            return False
        return super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Deleting one by one shows what hangs on each."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:  # noqa: ARG002
        return ExperimentList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Experiment]:
        open_phases = Prefetch("phases", Phase.objects.filter(ended_at__isnull=True), to_attr="open_phases")
        found = super().get_queryset(request).select_related("flag", "shipped")
        return found.prefetch_related(open_phases, "variations")

    def get_fieldsets(self, request: HttpRequest, obj: Experiment | None = None) -> Any:
        is_open = self._is_editable(request, obj)
        return [
            (title, {"fields": _choose_fields(names, is_open=is_open), "description": description})
            for title, description, names in GROUPS
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Experiment | None = None) -> Any:
        if self._is_editable(request, obj):
            return ("key",) if obj is not None and obj.phases.exists() else ()
        names = [name for _, _, group in GROUPS for name in _choose_fields(group, is_open=False)]
        return tuple(name for name in names if name not in ALWAYS_EDITABLE)

    def get_form(
        self,
        request: HttpRequest,
        obj: Experiment | None = None,
        change: bool = False,  # noqa: FBT001, FBT002
        **kwargs: Any,
    ) -> Any:
        """Once it is frozen, a form of what is left to edit."""
        if not self._is_editable(request, obj):
            kwargs["form"] = FrozenForm
        return super().get_form(request, obj, change, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        name = "experiments_experiment"
        ramp_urls = [
            path("preview/", wrap(preview.show_preview), name=f"{name}_preview"),
            path("<int:pk>/ramp/", wrap(ramp_views.show_ramp), name=f"{name}_ramp"),
            path("<int:pk>/ramp/<slug:action>/", wrap(ramp_views.change_ramp), name=f"{name}_ramp_change"),
            path("<int:pk>/aa/", wrap(aa_test.start_aa_test), name=f"{name}_aa"),
            path("<int:pk>/planner/", wrap(planner.show_planner), name=f"{name}_planner"),
            path("<int:pk>/results/", wrap(results.show_results), name=f"{name}_results"),
            path("<int:pk>/results/<slug:form>/", wrap(results.export_results), name=f"{name}_export"),
        ]
        return [*ramp_urls, *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """An empty draft."""
        context = {"payload_kinds": list_payload_kinds(), **(extra_context or {})}
        return super().add_view(request, form_url, context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The plan: a form in a draft, read-only with the reason afterwards."""
        experiment = self.get_object(request, unquote(object_id))
        context: dict[str, Any] = {}
        if experiment is not None and self.has_view_permission(request, experiment):
            context = {
                "experiment": experiment,
                "tabs": list_tabs(experiment, "change"),
                "payload_kinds": list_payload_kinds() if is_draft(experiment) else (),
                "phases": describe_phases(experiment),
                "frozen": "" if is_draft(experiment) else FROZEN,
            }
        return super().change_view(request, object_id, form_url, {**context, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: Experiment, form: Any, change: bool) -> None:  # noqa: FBT001
        """Save with its flag, which is made where it does not exist."""
        if "flag_name" in form.cleaned_data:
            obj.flag, _ = Flag.objects.get_or_create(name=form.cleaned_data["flag_name"])
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:  # noqa: FBT001
        """With the variations all of a draft is saved; this process decides by it from now on."""
        super().save_related(request, form, formsets, change)
        transaction.on_commit(expire_snapshot)

    def response_add(self, request: HttpRequest, obj: Experiment, post_url_continue: str | None = None) -> HttpResponse:
        """A new draft is opened where it is started."""
        if "_save" not in request.POST:
            return super().response_add(request, obj, post_url_continue)
        messages.success(request, f"{obj.name} is a draft. Nobody sees it before it is started.")
        return HttpResponseRedirect(reverse("admin:experiments_experiment_ramp", args=[obj.pk]))

    @admin.display(description="Status", ordering="status")
    def shown_status(self, experiment: Experiment) -> str:
        return experiment.get_status_display()

    @admin.display(description="Who sees it")
    def who_sees_it(self, experiment: Experiment) -> str:
        return summarise_share(experiment, getattr(experiment, "open_phases", ()))

    @admin.display(description="Days left", ordering="planned_end_at")
    def days_left(self, experiment: Experiment) -> str:
        return tell_days_left(experiment)

    @admin.display(description="Verdict")
    def verdict(self, experiment: Experiment) -> str:
        return getattr(experiment, "verdict_title", "-")

    def _is_editable(self, request: HttpRequest, experiment: Experiment | None) -> bool:
        if experiment is None:
            return True
        return is_draft(experiment) and self.has_change_permission(request, experiment)


def _choose_fields(names: tuple[str, ...], *, is_open: bool) -> tuple[str, ...]:
    """The inputs of a draft, or what stands in their place."""
    if is_open:
        return names
    return tuple(SHOWN_INSTEAD.get(name, name) for name in names if name not in HIDDEN_ONCE_FROZEN)
