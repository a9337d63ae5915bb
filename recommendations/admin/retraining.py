"""Retrain runs, step by step; to be read only."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from recommendations.admin.reading import ReadOnlyMixin, draw_metrics, read_ndcg
from recommendations.models import RetrainRun, StepAttempt


class StepAttemptInline(ReadOnlyMixin, admin.TabularInline):  # type: ignore[type-arg]
    model = StepAttempt
    extra = 0
    verbose_name_plural = "Steps"
    fields = ("at", "step", "event", "note")
    readonly_fields = fields


@admin.register(RetrainRun)
class RetrainRunAdmin(ReadOnlyMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("__str__", "status", "created_at", "took", "n_rows", "ndcg", "failure_reason")
    list_filter = ("rotation", "status", "colour")
    fields = (
        "rotation",
        "colour",
        "status",
        "created_at",
        "finished_at",
        "window_start_at",
        "watermark_at",
        "failure_step",
        "failure_reason",
        "failure_fix",
        "offline_metrics",
        "torn_down_at",
    )
    readonly_fields = ("offline_metrics",)
    inlines = (StepAttemptInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[RetrainRun]:
        runs: QuerySet[RetrainRun] = super().get_queryset(request)
        return runs.select_related("rotation")

    @admin.display(description="Took")
    def took(self, run: RetrainRun) -> str:
        if run.finished_at is None:
            return "under way"
        took_s = (run.finished_at - run.created_at).total_seconds()
        return f"{took_s:.0f} s" if took_s < 120 else timesince(run.created_at, run.finished_at)

    @admin.display(description="Interactions")
    def n_rows(self, run: RetrainRun) -> str:
        n_rows = run.report.get("export", {}).get("n_rows")
        return f"{n_rows:,}" if n_rows is not None else ""

    @admin.display(description="NDCG@25 / popularity")
    def ndcg(self, run: RetrainRun) -> str:
        return read_ndcg(run.report.get("evaluate", {}))

    @admin.display(description="NDCG@25")
    def offline_metrics(self, run: RetrainRun) -> SafeString:
        return draw_metrics(run.report.get("evaluate", {}))
