"""Flags in the admin: lists of people; who sees an experiment is set on the experiment's own page."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from experiments.models import Flag

# Who is always on; changed during a phase, they would move exposed units without a record.
LISTS = ("staff", "authenticated", "groups", "users")


@admin.register(Flag)
class FlagAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "ramped_on", "everyone", "staff", "authenticated", "note")
    list_select_related = ("experiment",)
    search_fields = ("name", "note")
    fieldsets = (
        (None, {"fields": ("name", "note", "ramped_on", "everyone")}),
        (
            "Always on for",
            {
                "description": "They see the feature while its experiment runs, at any share; no result counts it. "
                "Only between phases: while one is open the lists cannot be changed, since whoever is put on a list or "
                "taken off would change sides unrecorded. For a look at it use a tester's link on the experiment's "
                "preview page.",
                "fields": LISTS,
            },
        ),
        ("Stamps", {"fields": ("created", "modified")}),
    )
    raw_id_fields = ("users",)
    filter_horizontal = ("groups",)
    ordering = ("name",)

    def get_readonly_fields(self, request: HttpRequest, obj: Flag | None = None) -> tuple[str, ...]:  # noqa: ARG002
        """With an experiment behind it, a flag is switched on the experiment's page, where it is recorded."""
        always = ("ramped_on", "created", "modified")
        if obj is not None and hasattr(obj, "experiment"):
            is_open = obj.experiment.find_open_phase() is not None
            return ("name", "everyone", *always, *(LISTS if is_open else ()))
        return always

    @admin.display(description="Ramped on")
    def ramped_on(self, flag: Flag) -> SafeString | str:
        """The page where the share and the switch of this flag are set."""
        experiment = getattr(flag, "experiment", None)
        if experiment is None:
            return "no experiment"
        url = reverse("admin:experiments_experiment_change", args=[experiment.pk])
        return format_html('<a href="{}">{}</a>', url, experiment.name)

    def save_model(self, request: HttpRequest, obj: Flag, form: Any, change: bool) -> None:  # noqa: FBT001
        """Write only what was changed here: a kill switch thrown meanwhile stays thrown."""
        if not change:
            super().save_model(request, obj, form, change)
            return
        lists = {"groups", "users"}  # Kept in tables of their own.
        obj.save(update_fields=[*(name for name in form.changed_data if name not in lists), "modified"])

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Deleting one by one shows what hangs on each."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}
