"""The planner page: from what is measured today to units, weeks and what each week can find."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from experiments.admin.permissions import VIEW_PERMISSION
from experiments.admin.planner_forms import PlannerForm
from experiments.admin.tabs import list_tabs
from experiments.charts.lines import LineChart
from experiments.charts.plans import draw_mde_curve, draw_power_curve
from experiments.exceptions import ExperimentsError
from experiments.formats import write_count, write_value
from experiments.metrics import all_metrics
from experiments.models import Experiment
from experiments.planner.drafts import PLANNABLE, find_wish, make_plan, write_plan
from experiments.planner.sizing import PlanError
from experiments.planner.values import Baseline, SizePlan, Wish

TEMPLATE = "admin/experiments/experiment/planner.html"
CHANGE_PERMISSION = "experiments.change_experiment"


@dataclass(frozen=True, slots=True)
class ShownPlan:
    """A plan in words and curves."""

    n_each: str
    n_total: str
    length: str
    length_note: str
    baseline: str
    baseline_note: str
    charts: tuple[LineChart, ...]


@require_http_methods(["GET", "HEAD", "POST"])
def show_planner(request: HttpRequest, pk: int) -> HttpResponse:
    """Plan (GET), or write the plan into the draft (POST)."""
    if not any(request.user.has_perm(name) for name in (VIEW_PERMISSION, CHANGE_PERMISSION)):
        raise PermissionDenied
    experiment = get_object_or_404(Experiment.objects.prefetch_related("variations"), pk=pk)
    if request.method == "POST":
        return _use(request, experiment)
    form = PlannerForm(_fill(request, experiment))
    return _render(request, experiment, form)


def _use(request: HttpRequest, experiment: Experiment) -> HttpResponse:
    if not request.user.has_perm(CHANGE_PERMISSION):
        raise PermissionDenied
    form = PlannerForm(request.POST)
    if not form.is_valid():
        return _render(request, experiment, form, status=400)
    wish = _read_wish(experiment, form)
    try:
        _, plan = make_plan(form.cleaned_data["metric"], wish, form.read_given())
        write_plan(experiment.key, wish=wish, plan=plan)
    except (PlanError, ExperimentsError) as error:
        form.add_error(None, str(error))
        return _render(request, experiment, form, status=409)
    messages.success(request, f"The plan stands: {write_count(plan.n_total)} shoppers, {_write_weeks(plan.weeks)}.")
    return HttpResponseRedirect(reverse("admin:experiments_experiment_change", args=[experiment.pk]))


def _fill(request: HttpRequest, experiment: Experiment) -> dict[str, Any]:
    """What was asked for, else what the draft says."""
    if "metric" in request.GET:
        return request.GET.dict()
    wish = find_wish(experiment)
    return {
        "metric": experiment.primary_metric or next(iter(all_metrics()), ""),
        "mde": f"{wish.mde * 100:g}",
        "alpha": wish.alpha,
        "power": wish.power,
        "coverage": f"{wish.coverage_share * 100:g}",
    }


def _read_wish(experiment: Experiment, form: PlannerForm) -> Wish:
    cleaned = form.cleaned_data
    return find_wish(
        experiment,
        mde=cleaned["mde"],
        alpha=cleaned["alpha"],
        power=cleaned["power"],
        coverage_share=cleaned["coverage"],
    )


def _render(request: HttpRequest, experiment: Experiment, form: PlannerForm, status: int = 200) -> HttpResponse:
    shown = None
    if form.is_valid():
        wish = _read_wish(experiment, form)
        try:
            baseline, plan = make_plan(form.cleaned_data["metric"], wish, form.read_given())
        except (PlanError, ExperimentsError) as error:
            form.add_error(None, str(error))
        else:
            shown = _show(baseline, wish, plan)
    context = {
        **admin.site.each_context(request),
        "is_nav_sidebar_enabled": False,
        "opts": experiment._meta,  # noqa: SLF001
        "title": f"Sample size of {experiment.name}",
        "experiment": experiment,
        "tabs": list_tabs(experiment, "planner"),
        "form": form,
        # The same answers again, without ids that would stand there twice.
        "hidden": PlannerForm(form.data, auto_id=False),
        "plan": shown,
        "can_use": experiment.status in PLANNABLE and request.user.has_perm(CHANGE_PERMISSION),
    }
    return TemplateResponse(request, TEMPLATE, context, status=status)


def _show(baseline: Baseline, wish: Wish, plan: SizePlan) -> ShownPlan:
    note = "Given by hand."
    if baseline.since is not None and baseline.until is not None:
        note = (
            f"Measured on {write_count(baseline.n_units)} shoppers, {baseline.window_days} days each, from "
            f"{baseline.since:%-d %b} to {baseline.until:%-d %b}."
        )
    length_note = plan.reason or f"With {wish.coverage_share * 100:g}% of shoppers in the test."
    if plan.is_extrapolated:
        length_note += " Beyond the measured days the last week's growth is continued."
    charts = (
        draw_mde_curve(plan.mde_by_week, mde=wish.mde, chosen_weeks=plan.weeks),
        draw_power_curve(plan.power_by_effect, mde=wish.mde, power=wish.power),
    )
    return ShownPlan(
        n_each=write_count(plan.n_each),
        n_total=write_count(plan.n_total),
        length=_write_weeks(plan.weeks),
        length_note=length_note,
        baseline=write_value(baseline.value, baseline.unit),
        baseline_note=note,
        charts=tuple(chart for chart in charts if chart is not None),
    )


def _write_weeks(weeks: int | None) -> str:
    return "not known" if weeks is None else f"{weeks} weeks"
