"""Flags in the admin: lists of people; who sees an experiment is set on the experiment's own page."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from experiments.models import Flag


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
