"""What was shown: pages, their lists and the impressions of these; all partitioned by month on their UUIDv7 id."""

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
    # The experiments' own key of the phase; no foreign key, since this package knows nothing of them.
    phase_id = models.BigIntegerField(null=True)
    variation = models.CharField(max_length=100, blank=True)
    rung = models.CharField(max_length=16)
    item_ids = ArrayField(models.CharField(max_length=64))
    served_at = models.DateTimeField()
    took_ms = models.FloatField(default=0.0, db_default=0.0)
    error = models.CharField(max_length=40, blank=True, db_default="")
    teams = models.CharField(max_length=200, blank=True, db_default="")

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


class PageServed(models.Model):
    """One view of a page as a whole, also when it failed: its HTTP status and how long the server took."""

    page_view_id = models.UUIDField(primary_key=True)
    shopper_key = models.CharField(max_length=64)
    session_id = models.CharField(max_length=32, blank=True)
    page = models.CharField(max_length=40)
    status = models.PositiveSmallIntegerField()
    took_ms = models.FloatField()
    phase_id = models.BigIntegerField(null=True)
    variation = models.CharField(max_length=100, blank=True)
    served_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.page} {self.status}"
