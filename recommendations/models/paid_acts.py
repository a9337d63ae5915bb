"""PaidAct: what was asked of a backend that bills, and what it was estimated to cost."""

from django.db import models
from django.db.models import F, Q


class PaidAct(models.Model):
    """One import, training or campaign. It is written before the backend is asked, and never twice for one name."""

    class Kind(models.TextChoices):
        IMPORT = "import"
        TRAINING = "training"
        CAMPAIGN = "campaign"

    kind = models.CharField(max_length=8, choices=Kind)
    # The resource's name, which no other ever has.
    name = models.CharField(max_length=80)
    # Whatever it is one of many for: what stands before the colour and the run in its name.
    owner = models.CharField(max_length=80)
    # The dataset group that holds it: one name for all that is deleted together.
    group_name = models.CharField(max_length=80)
    recipe = models.CharField(max_length=80, blank=True)
    # Interactions imported or learned from; none for a campaign.
    n_rows = models.PositiveBigIntegerField(default=0)
    usd = models.FloatField(default=0.0)
    # A campaign costs this much an hour until it has ended.
    usd_an_hour = models.FloatField(default=0.0)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["began_at"], name="paid_act_began")]
        constraints = [
            models.UniqueConstraint(fields=["kind", "name"], name="one_paid_act_per_name"),
            models.CheckConstraint(condition=Q(usd__gte=0, usd_an_hour__gte=0), name="paid_act_costs_something"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("began_at")), name="paid_act_ends_after_it_began"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
