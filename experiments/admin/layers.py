"""Layers, whose buckets are shared out among experiments, and holdouts, who get none."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from experiments.admin.plan_fields import WhenField
from experiments.bars import Segment
from experiments.bucketing import BUCKETS
from experiments.conf import now
from experiments.models import Experiment, Holdout, Layer
from experiments.shares import format_percent, parse_percent

# A tone for each owner of buckets, over and over.
LAYER_TONES = ("control", "featured-0", "featured-1", "featured-2", "featured-3")


@admin.register(Layer)
class LayerAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "key", "taken")
    search_fields = ("name", "key")
    fields = ("name", "key", "owners", "salt", "created_at")
    readonly_fields = ("owners", "salt", "created_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Layer]:
        return super().get_queryset(request).prefetch_related("experiments")

    def get_readonly_fields(self, request: HttpRequest, obj: Layer | None = None) -> tuple[str, ...]:  # noqa: ARG002
        return ("owners", "salt", "created_at") if obj is None else ("key", "owners", "salt", "created_at")

    def has_delete_permission(self, request: HttpRequest, obj: Layer | None = None) -> bool:
        """Its experiments hash with its salt for as long as they can be told."""
        return super().has_delete_permission(request, obj) and not (obj is not None and obj.experiments.exists())

    @admin.display(description="Taken")
    def taken(self, layer: Layer) -> str:
        return format_percent(sum(stop - start for start, stop, _ in list_owners(layer)))

    @admin.display(description="Who owns which buckets")
    def owners(self, layer: Layer) -> SafeString | str:
        if not layer.pk:
            return "Nobody yet: an experiment claims its part when it starts."
        context = {"segments": draw_layer(layer), "owners": list_owners(layer)}
        return render_to_string("admin/experiments/layer/owners.html", context)


class HoldoutForm(forms.ModelForm):  # type: ignore[type-arg]
    """The share is typed in percent, once."""

    share = forms.CharField(
        label="Share held out, in %",
        max_length=8,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "xp-short"}),
        help_text="Of all units: they take part in no experiment while it lasts, and get what is shipped like "
        "everybody. Usually 5 for a quarter. Those in running experiments are taken out, so begin it before them.",
    )

    starts_at = WhenField(label="Starts at", initial=now)
    ends_at = WhenField(label="Ends at", required=False, help_text="A quarter later, usually; empty while it is open.")

    class Meta:
        model = Holdout
        fields: ClassVar = ["name", "key", "starts_at", "ends_at"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            # Another share would move shoppers.
            self.fields.pop("share", None)

    def clean_share(self) -> int:
        """The share in basis points, which also goes into the row."""
        try:
            share_bp = parse_percent(self.cleaned_data["share"])
        except ValueError as error:
            raise ValidationError(str(error)) from error
        self.instance.share_bp = share_bp
        return share_bp

    def clean(self) -> dict[str, Any]:
        """One open holdout at a time, so that everybody is held out at most once."""
        cleaned = super().clean() or self.cleaned_data
        others = Holdout.objects.filter(ends_at__isnull=True).exclude(pk=self.instance.pk)
        if "ends_at" in cleaned and cleaned["ends_at"] is None and others.exists():
            self.add_error("ends_at", f"{others[0].name!r} has no end yet. End it first, or give this one an end.")
        return cleaned


@admin.register(Holdout)
class HoldoutAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = HoldoutForm
    list_display = ("name", "key", "shown_share", "starts_at", "ends_at")
    search_fields = ("name", "key")

    def get_fields(self, request: HttpRequest, obj: Holdout | None = None) -> tuple[str, ...]:
        share = "share" if obj is None and self.has_add_permission(request) else "shown_share"
        return ("name", "key", share, "starts_at", "ends_at", "salt")

    def get_readonly_fields(self, request: HttpRequest, obj: Holdout | None = None) -> tuple[str, ...]:  # noqa: ARG002
        """Once made, only its name and its end change: another share would move shoppers."""
        return ("salt",) if obj is None else ("key", "shown_share", "starts_at", "salt")

    def has_delete_permission(self, request: HttpRequest, obj: Holdout | None = None) -> bool:  # noqa: ARG002
        """It is ended, not deleted, so that old answers can be explained."""
        return False

    @admin.display(description="Share held out")
    def shown_share(self, holdout: Holdout) -> str:
        return format_percent(holdout.share_bp)


def list_owners(layer: Layer) -> list[tuple[int, int, Experiment]]:
    """(first bucket, bucket after the last, experiment), by bucket."""
    owned = [
        (experiment.layer_start, experiment.layer_stop, experiment)
        for experiment in layer.experiments.all()
        if experiment.layer_start is not None and experiment.layer_stop is not None
    ]
    return sorted(owned, key=lambda owner: owner[:2])


def draw_layer(layer: Layer) -> tuple[Segment, ...]:
    """The layer's 10,000 buckets: each owner's part, and what is free."""
    segments: list[Segment] = []
    reached = 0
    for place, (start, stop, experiment) in enumerate(list_owners(layer)):
        if start > reached:
            segments.append(Segment("Free", "exempt", reached, start - reached))
        segments.append(Segment(experiment.name, LAYER_TONES[place % len(LAYER_TONES)], start, stop - start))
        reached = stop
    if reached < BUCKETS:
        segments.append(Segment("Free", "exempt", reached, BUCKETS - reached))
    return tuple(segments)
