"""An A/A test of an experiment by one click, once somebody has said why."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from experiments import shadows
from experiments.admin.choices import list_metric_choices
from experiments.admin.permissions import ADD_PERMISSION, RAMP_PERMISSION
from experiments.exceptions import IllegalRamp
from experiments.models import Experiment

# The plainest of a shop's metrics, where the experiment has not chosen one.
USUAL_METRICS = ("conversion", "homepage_ctr")


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Why?",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why, in a few words. It is kept for good."},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def start_aa_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a reason (GET), then make the copy and start it (POST)."""
    if not (request.user.has_perm(RAMP_PERMISSION) and request.user.has_perm(ADD_PERMISSION)):
        raise PermissionDenied
    experiment = get_object_or_404(Experiment.objects.prefetch_related("variations"), pk=pk)
    form = ReasonForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                made = shadows.start_shadow(
                    experiment.key,
                    primary_metric=choose_usual_metric(),
                    actor=request.user.get_username(),
                    reason=form.cleaned_data["reason"],
                )
            except IllegalRamp as refusal:
                form.add_error(None, str(refusal))
                status = 409
            else:
                messages.success(request, f"{made.name} runs. It must find no difference.")
                return HttpResponseRedirect(reverse("admin:experiments_experiment_ramp", args=[made.pk]))
    context = {
        **admin.site.each_context(request),
        "opts": Experiment._meta,  # noqa: SLF001
        "experiment": experiment,
        "title": f"Start an A/A test of {experiment.name}",
        "form": form,
        "days": shadows.DAYS,
        "control": experiment.variations.filter(is_control=True).first(),
    }
    return TemplateResponse(request, "admin/experiments/experiment/aa_confirm.html", context, status=status)


def choose_usual_metric() -> str:
    """The metric of an A/A test whose experiment has none yet; empty where the project counts nothing."""
    known = [key for key, _ in list_metric_choices()]
    return next((key for key in USUAL_METRICS if key in known), known[0] if known else "")
