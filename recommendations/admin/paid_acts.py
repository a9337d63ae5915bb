"""The ledger of paid acts, and above it what this month has cost; to be read only."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from recommendations import conf
from recommendations.adapters import ledger
from recommendations.admin.reading import ReadOnlyMixin
from recommendations.models import PaidAct


@admin.register(PaidAct)
class PaidActAdmin(ReadOnlyMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "kind", "owner", "rows", "cost", "began_at", "ended_at")
    list_filter = ("kind", "owner")
    ordering = ("-pk",)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": _this_month(), **(extra_context or {})})

    @admin.display(description="Rows")
    def rows(self, act: PaidAct) -> str:
        return f"{act.n_rows:,}" if act.n_rows else ""

    @admin.display(description="Estimated")
    def cost(self, act: PaidAct) -> str:
        return f"{act.usd_an_hour:,.2f} USD an hour" if act.kind == PaidAct.Kind.CAMPAIGN else f"{act.usd:,.2f} USD"


def _this_month() -> str:
    month, budget = ledger.month_at(conf.now()), conf.monthly_budget_usd()
    kept = f"{month.reserved:,.2f} kept for open campaigns{f' of {budget:,.2f}' if budget else ''}"
    return f"Paid acts: {month.spent:,.2f} USD spent this month and {kept}"
