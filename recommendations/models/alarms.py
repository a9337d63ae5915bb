"""Alarm (a condition that needs somebody, from its first sight to its end) and AlarmNotice (its way to them)."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager


class AlarmQuerySet(models.QuerySet["Alarm"]):
    def still_open(self) -> "AlarmQuerySet":
        """Those whose condition has not ended."""
        return self.filter(cleared_at__isnull=True)

    def unacknowledged(self) -> "AlarmQuerySet":
        """Those that nobody has taken on."""
        return self.filter(acknowledged_at__isnull=True)


class Alarm(models.Model):
    """One condition of one subject, raised once; it clears by itself when the condition ends."""

    # A key of `alarms.kinds.KINDS`.
    code = models.CharField(max_length=32)
    # What it is about: a rotation, a consumer group; empty where there is only one.
    subject = models.CharField(max_length=80, blank=True)
    detail = models.TextField()
    # What was measured when it was last seen.
    facts = models.JSONField(default=dict)
    raised_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    # Looks in a row that did not find the condition.
    n_quiet_looks = models.PositiveSmallIntegerField(default=0)
    cleared_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.CharField(max_length=150, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    note = models.TextField(blank=True)

    objects = AlarmQuerySet.as_manager()

    if TYPE_CHECKING:
        notices: "RelatedManager[AlarmNotice]"

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["-raised_at"], name="alarm_newest_first")]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "subject"], condition=Q(cleared_at__isnull=True), name="one_open_alarm_per_subject"
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True, acknowledged_by="")
                | (Q(acknowledged_at__isnull=False) & ~Q(acknowledged_by="")),
                name="alarm_acknowledged_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.subject}".strip()

    @property
    def is_open(self) -> bool:
        return self.cleared_at is None


class AlarmNotice(models.Model):
    """One message about an alarm, written with it and delivered later, by one channel."""

    class Channel(models.TextChoices):
        EMAIL = "email"
        WEBHOOK = "webhook"

    class Event(models.TextChoices):
        RAISED = "raised"
        CLEARED = "cleared"

    alarm = models.ForeignKey(Alarm, on_delete=models.CASCADE, related_name="notices")
    channel = models.CharField(max_length=8, choices=Channel)
    event = models.CharField(max_length=8, choices=Event)
    created_at = models.DateTimeField()
    # Empty once it is delivered or given up.
    due_at = models.DateTimeField(null=True)
    n_tries = models.PositiveSmallIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["alarm", "channel", "event"], name="one_notice_per_event_and_channel")
        ]
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="notice_due_first")]

    def __str__(self) -> str:
        return f"{self.event} by {self.channel}"
