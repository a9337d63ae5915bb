"""What stands below an experiment's own fields: its variations and its phases."""

from django.contrib import admin

from experiments.admin.reading import ReadOnlyMixin
from experiments.models import Phase, Variation
from experiments.shares import format_percent


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
