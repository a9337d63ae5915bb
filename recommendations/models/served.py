"""What was shown: every served list and every impression of it; both partitioned by month on their UUIDv7 id."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class RecommendationServed(models.Model):
    """One list on one page: which items, from where, and in which phase and variation."""

    recommendation_id = models.UUIDField(primary_key=True)
    shopper_key = models.CharField(max_length=64)
    session_id = models.CharField(max_length=32, blank=True)
    page_view_id = models.UUIDField()
    row = models.CharField(max_length=40)
    rotation = models.CharField(max_length=40, blank=True)
    campaign_arn = models.CharField(max_length=256, blank=True)
    backend_recommendation_id = models.CharField(max_length=64, blank=True)
    phase = models.IntegerField(null=True)
    variation = models.CharField(max_length=40, blank=True)
    rung = models.CharField(max_length=16)
    item_ids = ArrayField(models.CharField(max_length=64))
    served_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.row} ({self.rung})"


class Impression(models.Model):
    """The items of one list that a shopper really saw on one page view, first sight only."""

    impression_id = models.UUIDField(primary_key=True)
    recommendation_id = models.UUIDField()
    page_view_id = models.UUIDField()
    shopper_key = models.CharField(max_length=64)
    rank = models.PositiveSmallIntegerField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Rank {self.rank} of {self.recommendation_id}"
