"""The record of every change, to search and to filter; nobody edits it."""

from django.contrib import admin

from experiments.admin.reading import ReadOnlyMixin
from experiments.models import RampChange


@admin.register(RampChange)
class RampChangeAdmin(ReadOnlyMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("at", "experiment", "action", "actor", "old_state", "new_state", "reason")
    list_filter = ("experiment", "action")
    list_select_related = ("experiment",)
    search_fields = ("actor", "reason")
