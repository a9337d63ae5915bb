"""The variations below an experiment's own fields: a form in a draft, shown afterwards."""

import json
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from experiments.admin.variation_forms import MAX_VARIATIONS, VariationForm, VariationFormSet
from experiments.models import Experiment, Status, Variation
from experiments.shares import format_percent


def is_draft(experiment: Experiment | None) -> bool:
    """Whether everything may still be changed."""
    return experiment is None or experiment.status == Status.DRAFT


class VariationInline(admin.StackedInline):  # type: ignore[type-arg]
    """Editable in a draft, shown afterwards."""

    model = Variation
    form = VariationForm
    formset = VariationFormSet
    template = "admin/experiments/experiment/variations.html"
    max_num = MAX_VARIATIONS
    fields = (("key", "name"), ("is_control", "weight_bp"), "payload")

    def get_extra(self, request: HttpRequest, obj: Experiment | None = None, **kwargs: Any) -> int:  # noqa: ARG002
        """Without script there is no button for another row."""
        return 2 if obj is None else 1

    def get_fields(self, request: HttpRequest, obj: Experiment | None = None) -> Any:
        if self.has_change_permission(request, obj):
            return (("key", "name"), ("is_control", "weight_bp"), "payload")
        return (("key", "name"), ("is_control", "weight"), "does")

    def get_readonly_fields(self, request: HttpRequest, obj: Experiment | None = None) -> tuple[str, ...]:
        return () if self.has_change_permission(request, obj) else ("weight", "does")

    def has_add_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        return is_draft(obj) and _may_edit(request)

    def has_change_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        return is_draft(obj) and _may_edit(request)

    def has_delete_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        return is_draft(obj) and _may_edit(request) and not (obj is not None and obj.phases.exists())

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Whoever may see an experiment sees what it compares."""
        return request.user.has_perm("experiments.view_experiment") or _may_edit(request)

    @admin.display(description="Weight")
    def weight(self, variation: Variation) -> str:
        return "equal" if variation.weight_bp is None else format_percent(variation.weight_bp)

    @admin.display(description="Payload")
    def does(self, variation: Variation) -> str:
        return json.dumps(variation.payload, ensure_ascii=False)


def _may_edit(request: HttpRequest) -> bool:
    return request.user.has_perm("experiments.change_experiment") or request.user.has_perm("experiments.add_experiment")
