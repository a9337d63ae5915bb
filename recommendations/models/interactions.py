"""Interaction: every stored shopper-item fact, partitioned by month on its UUIDv7 event id."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models


class Interaction(models.Model):
    """One shopper-item fact.

    The table is partitioned by RANGE (event_id): UUIDv7 sorts by its time, so the id alone is key, partition and
    idempotence, and an `ON CONFLICT (event_id)` suffices.
    """

    event_id = models.UUIDField(primary_key=True)
    shopper_key = models.CharField(max_length=64)
    session_id = models.CharField(max_length=32, blank=True)
    item_id = models.CharField(max_length=64)
    event_type = models.CharField(max_length=16)
    event_value = models.FloatField(null=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    recommendation_id = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["shopper_key", "-occurred_at"], name="interaction_history"),
            BrinIndex(fields=["received_at"], name="interaction_received", autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} of {self.item_id}"
