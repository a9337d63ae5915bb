"""What keeps experiments apart: layers, whose slots are shared out, and the holdout before all of them."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q

from experiments.bucketing import BUCKETS
from experiments.conf import now
from experiments.models.salts import make_salt


class Layer(models.Model):
    """Experiments of one layer never share a unit: each owns slots of the layer's own 10,000 buckets."""

    key = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=200)
    salt = models.CharField(max_length=32, default=make_salt, unique=True, editable=False)
    created_at = models.DateTimeField(default=now, editable=False)

    class Meta:
        ordering = ("key",)
        constraints = (models.CheckConstraint(condition=Q(salt__regex=r"^[0-9a-f]{32}$"), name="layer_salt_hex"),)

    def __str__(self) -> str:
        return self.name


class HoldoutQuerySet(models.QuerySet["Holdout"]):
    def active_at(self, moment: datetime) -> Self:
        """Those that hold out at this moment."""
        is_open = Q(ends_at__isnull=True) | Q(ends_at__gt=moment)
        return self.filter(is_open, starts_at__lte=moment)


class Holdout(models.Model):
    """A reserve of units that take part in no experiment while it lasts; what is shipped they get like everybody.

    They leave no exposures, so that nothing here compares them with the others.
    """

    key = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=200)
    salt = models.CharField(max_length=32, default=make_salt, unique=True, editable=False)
    share_bp = models.PositiveIntegerField(help_text="Share of all units held out, in basis points.")
    starts_at = models.DateTimeField(default=now)
    ends_at = models.DateTimeField(null=True, blank=True)

    objects = HoldoutQuerySet.as_manager()

    class Meta:
        ordering = ("-starts_at",)
        constraints = (
            models.CheckConstraint(condition=Q(share_bp__lte=BUCKETS), name="holdout_share_bp_0_to_10000"),
            models.CheckConstraint(condition=Q(salt__regex=r"^[0-9a-f]{32}$"), name="holdout_salt_hex"),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")), name="holdout_ends_after_start"
            ),
            models.UniqueConstraint(
                fields=("ends_at",), condition=Q(ends_at__isnull=True), nulls_distinct=False, name="holdout_one_open"
            ),
        )

    def __str__(self) -> str:
        return self.name
