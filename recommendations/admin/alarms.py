"""Alarms in the admin: an inbox of what is open, an audited acknowledgement, and the past."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from recommendations.admin.reading import ReadOnlyMixin
from recommendations.alarms import inbox
from recommendations.exceptions import InvalidInput
from recommendations.models import Alarm, AlarmNotice

ACKNOWLEDGE = "recommendations.change_alarm"


class AlarmNoticeInline(ReadOnlyMixin, admin.TabularInline):  # type: ignore[type-arg]
    model = AlarmNotice
    extra = 0
    verbose_name_plural = "Notices"
    fields = ("event", "channel", "created_at", "n_tries", "delivered_at", "error")
    readonly_fields = fields


@admin.register(Alarm)
class AlarmAdmin(ReadOnlyMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    """Nothing is edited; open alarms stand above the list, each with what it means and what mends it."""

    change_list_template = "admin/recommendations/alarms/inbox.html"
    list_display = ("title", "subject", "raised_at", "cleared_at", "acknowledged_by", "note")
    list_filter = ("code", ("cleared_at", admin.EmptyFieldListFilter), ("acknowledged_at", admin.EmptyFieldListFilter))
    list_per_page = 50
    fields = (
        "code",
        "subject",
        "meaning",
        "command",
        "detail",
        "facts",
        "raised_at",
        "seen_at",
        "cleared_at",
        "acknowledged_by",
        "acknowledged_at",
        "note",
    )
    readonly_fields = ("meaning", "command")
    inlines = (AlarmNoticeInline,)

    def get_urls(self) -> list[URLPattern]:
        acknowledge = self.admin_site.admin_view(self.acknowledge)
        return [path("<int:alarm_id>/acknowledge/", acknowledge, name="alarm-acknowledge"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {
            "title": "Alarms",
            "open_alarms": inbox.open_alarms(),
            "may_acknowledge": request.user.has_perm(ACKNOWLEDGE),
            "max_note": inbox.MAX_NOTE,
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    @method_decorator(require_POST)
    def acknowledge(self, request: HttpRequest, alarm_id: int) -> HttpResponse:
        """Take an alarm on; the admin's own log keeps who did, and why."""
        if not request.user.has_perm(ACKNOWLEDGE):
            raise PermissionDenied
        alarm = get_object_or_404(Alarm, pk=alarm_id)
        if alarm.acknowledged_at is not None:
            messages.info(request, f"{alarm.acknowledged_by} has taken this alarm on already.")
            return _back_to_inbox()
        note = request.POST.get("note", "").strip()
        try:
            alarm = inbox.acknowledge(alarm_id, actor=request.user.get_username(), note=note)
        except InvalidInput as error:
            messages.error(request, str(error))
            return _back_to_inbox()
        change = f"Acknowledged{': ' + note if note else '.'}"
        self.log_change(request, alarm, change)
        messages.success(request, f"{inbox.told(alarm).title}: yours now.")
        return _back_to_inbox()

    @admin.display(description="Alarm", ordering="code")
    def title(self, alarm: Alarm) -> str:
        return inbox.told(alarm).title

    @admin.display(description="What it means")
    def meaning(self, alarm: Alarm) -> str:
        return inbox.told(alarm).meaning

    @admin.display(description="What mends it")
    def command(self, alarm: Alarm) -> str:
        return inbox.told(alarm).command


def _back_to_inbox() -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:recommendations_alarm_changelist"))
