"""MarketCommand (what an account asked of the market, once a key) and Suspension (who may ask nothing)."""

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from catalog.limits import MAX_REASON


class MarketCommand(models.Model):
    """One command and its outcome, written in the transaction that carried it out: its key never does more."""

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="market_commands",
        db_index=False,
        db_constraint=False,
    )
    idempotency_key = models.UUIDField()
    kind = models.CharField(max_length=16)
    # SHA-256 of what was asked, so that a key sent with other content is told.
    fingerprint = models.BinaryField(max_length=32)
    outcome = models.JSONField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "idempotency_key"], name="command_once_a_key")]
        # Commands are written as time goes by, and only pruning asks for their age: a word for many pages is enough.
        indexes = [BrinIndex(fields=["made_at"], name="command_age")]

    def __str__(self) -> str:
        return f"{self.kind} {self.idempotency_key}"


class Suspension(models.Model):
    """An account that may not trade; its open bids and asks were cancelled when it began."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="suspensions")
    reason = models.CharField(max_length=MAX_REASON)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-began_at"]
        constraints = [
            models.UniqueConstraint(fields=["account"], condition=Q(ended_at=None), name="suspended_once_at_a_time")
        ]

    def __str__(self) -> str:
        return f"Suspension of {self.account}"
