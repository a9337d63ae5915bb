"""The record of every change, to search, to filter and to take away as CSV; nobody edits it."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe

from experiments.admin.reading import ReadOnlyMixin
from experiments.history import describe_change
from experiments.models import RampChange

COLUMNS = ("at", "experiment", "phase", "action", "actor", "rule", "before", "after", "reason", "figures")
# A spreadsheet takes a cell that begins so for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
ROWS_AT_ONCE = 500
BY_HAND = "person"


class Echo:
    """A file that hands back what is written to it, so that rows leave one by one."""

    def write(self, value: str) -> str:
        return value


class RuleFilter(admin.SimpleListFilter):
    """By the controller's rule, or by hand."""

    title = "rule"
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        codes = RampChange.objects.exclude(code="").order_by("code").values_list("code", flat=True).distinct()
        return [(BY_HAND, "By a person"), *((code, code.replace("_", " ")) for code in codes)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[RampChange]) -> QuerySet[RampChange]:  # noqa: ARG002
        if self.value() is None:
            return queryset
        return queryset.filter(code="" if self.value() == BY_HAND else self.value())


@admin.register(RampChange)
class RampChangeAdmin(ReadOnlyMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    change_list_template = "admin/experiments/rampchange/change_list.html"
    list_display = ("at", "experiment", "action", "actor", "before", "after", "reason")
    list_filter = ("experiment", "action", RuleFilter)
    list_select_related = ("experiment", "phase")
    search_fields = ("actor", "reason", "code")
    date_hierarchy = "at"

    def get_urls(self) -> list[URLPattern]:
        export = path("export/", self.admin_site.admin_view(self.export_view), name="experiments_rampchange_export")
        return [export, *super().get_urls()]

    @method_decorator(require_safe)
    def export_view(self, request: HttpRequest) -> StreamingHttpResponse:
        """What the list shows under the same filters, all of it, as CSV."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        changes = self.get_changelist_instance(request).get_queryset(request)
        response = StreamingHttpResponse(
            write_csv(changes.iterator(ROWS_AT_ONCE)), content_type="text/csv; charset=utf-8"
        )
        response["Content-Disposition"] = 'attachment; filename="ramp-changes.csv"'
        return response

    @admin.display(description="Before")
    def before(self, change: RampChange) -> str:
        return describe_change(change).before

    @admin.display(description="After")
    def after(self, change: RampChange) -> str:
        return describe_change(change).after


def write_csv(changes: Iterable[RampChange]) -> Iterator[str]:
    """CSV line by line, the head first; no cell can be taken for a formula."""
    writer = csv.writer(Echo())
    yield writer.writerow(COLUMNS)
    for change in changes:
        line = describe_change(change)
        cells = (
            change.at.isoformat(),
            change.experiment.key,
            change.phase.number if change.phase is not None else "",
            change.action,
            change.actor,
            change.code,
            line.before,
            line.after,
            change.reason,
            _tell_figures(change.facts),
        )
        yield writer.writerow([_defuse(str(cell)) for cell in cells])


def _tell_figures(facts: dict[str, Any]) -> str:
    return "; ".join(f"{name} = {value}" for name, value in facts.items())


def _defuse(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
