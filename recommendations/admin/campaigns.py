"""Rotations: made here with their recipe, enabled or not; their sides and every move of the pointer to be read."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from recommendations import conf
from recommendations.admin.reading import ReadOnlyMixin, draw_metrics, read_ndcg
from recommendations.admin.rotation_forms import NewRotationForm, RotationForm
from recommendations.models import Deployment, LiveCampaign, Rotation, Swap
from recommendations.pipeline.rotations import ensure_rotation, set_enabled, set_exploration, set_training_budget
from recommendations.ports import Exploration

NEW = ("key", "slot", "recipe", "hyperparameters")
CHANGED = ("is_active", "training_budget_s", "exploration_weight", "exploration_age_cut_off_days")
KEPT = ("key", "slot", "recipe", "backend", "hyperparameters", "event_weights", "live_side", "since")


class DeploymentInline(ReadOnlyMixin, admin.StackedInline):  # type: ignore[type-arg]
    model = Deployment
    extra = 0
    verbose_name_plural = "Sides"
    fields = ("colour", "campaign_arn", "dataset_group_arn", "watermark_at", "trained_at", "offline_metrics")
    readonly_fields = fields

    @admin.display(description="NDCG@25")
    def offline_metrics(self, deployment: Deployment) -> SafeString:
        return draw_metrics(deployment.metrics)


class SwapInline(ReadOnlyMixin, admin.TabularInline):  # type: ignore[type-arg]
    model = Swap
    extra = 0
    fields = ("at", "from_colour", "to_colour", "to_campaign_arn", "run", "version")
    readonly_fields = fields


@admin.register(Rotation)
class RotationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("key", "slot", "recipe", "backend", "live_side", "since", "model_age", "ndcg", "is_active", "room")
    inlines = (DeploymentInline, SwapInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Rotation]:
        rotations: QuerySet[Rotation] = super().get_queryset(request)
        return rotations.select_related("live__deployment")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002
        kwargs["form"] = NewRotationForm if obj is None else RotationForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, _request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return NEW if obj is None else (*KEPT, *CHANGED)

    def get_readonly_fields(self, _request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if obj is None else KEPT

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return super().get_inlines(request, obj) if obj is not None else ()

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Rotation, _form: Any, change: bool) -> None:  # noqa: FBT001
        if change:
            set_enabled(obj.key, is_enabled=obj.is_active)
            set_training_budget(obj.key, obj.training_budget_s)
            set_exploration(obj.key, Exploration(obj.exploration_weight, obj.exploration_age_cut_off_days))
            return
        ensure_rotation(obj.key, obj.slot, obj.recipe, obj.hyperparameters)
        messages.info(request, f"{obj.key} has no campaign yet: its first training begins within a minute.")

    @admin.display(description="Campaign room")
    def room(self, rotation: Rotation) -> SafeString:
        return format_html('<a href="{}">Open</a>', reverse("campaign", args=[rotation.key]))

    @admin.display(description="Live")
    def live_side(self, rotation: Rotation) -> str:
        live = _live(rotation)
        return live.deployment.get_colour_display() if live else "nothing yet"

    @admin.display(description="Since")
    def since(self, rotation: Rotation) -> Any:
        live = _live(rotation)
        return live.swapped_at if live else None

    @admin.display(description="Model's age")
    def model_age(self, rotation: Rotation) -> str:
        live = _live(rotation)
        return timesince(live.deployment.trained_at, conf.now()) if live and live.deployment.trained_at else ""

    @admin.display(description="NDCG@25 / popularity")
    def ndcg(self, rotation: Rotation) -> str:
        live = _live(rotation)
        return read_ndcg(live.deployment.metrics) if live else ""


def _live(rotation: Rotation) -> LiveCampaign | None:
    return getattr(rotation, "live", None)
