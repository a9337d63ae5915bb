"""The results page and its exports; reads stored snapshots only."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from experiments.admin.permissions import VIEW_PERMISSION
from experiments.admin.results.page import show_page
from experiments.admin.tabs import list_tabs
from experiments.models import Experiment
from experiments.report.build import UnknownPhase, build_report
from experiments.report.jsonable import dump
from experiments.report.sheet import write_sheet
from experiments.report.values import Report

TEMPLATE = "admin/experiments/experiment/results.html"
# Export -> (content type, what writes it).
EXPORTS = {"json": ("application/json", dump), "csv": ("text/csv; charset=utf-8", write_sheet)}


@require_safe
def show_results(request: HttpRequest, pk: int) -> HttpResponse:
    """What one phase of an experiment has shown: the newest one, or `?phase=`."""
    experiment = _find_experiment(request, pk)
    report = _build(request, experiment)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "opts": experiment._meta,  # noqa: SLF001
        "is_nav_sidebar_enabled": False,
        "title": f"Results of {experiment.name}",
        "experiment": experiment,
        "tabs": list_tabs(experiment, "results"),
        "report": report,
        "page": show_page(report),
    }
    return TemplateResponse(request, TEMPLATE, context)


@require_safe
def export_results(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """The same report as a file: JSON of everything, or CSV of the metric table."""
    experiment = _find_experiment(request, pk)
    if form not in EXPORTS:
        raise Http404("There is no such export. Ask for json or csv.")
    report = _build(request, experiment)
    content_type, write = EXPORTS[form]
    phase = f"-phase-{report.phase.number}" if report.phase else ""
    name = f"{experiment.key}{phase}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(write(report), content_type=content_type, headers=headers)


def _find_experiment(request: HttpRequest, pk: int) -> Experiment:
    if not any(request.user.has_perm(name) for name in (VIEW_PERMISSION, "experiments.change_experiment")):
        raise PermissionDenied
    return get_object_or_404(Experiment, pk=pk)


def _build(request: HttpRequest, experiment: Experiment) -> Report:
    asked = request.GET.get("phase", "")
    if asked and not asked.isdecimal():
        raise Http404("phase is no number. Give the number of one of its phases.")
    try:
        return build_report(experiment.key, phase_number=int(asked) if asked else None)
    except UnknownPhase as error:
        raise Http404(str(error)) from error
