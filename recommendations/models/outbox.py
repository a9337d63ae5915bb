"""The outbox: interactions that must not be lost, written in the transaction that caused them."""

from django.db import models


class OutboxInteraction(models.Model):
    event_id = models.UUIDField(primary_key=True)
    # The interaction as the stream carries it, less its receipt, which the relay stamps.
    payload = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="outbox_oldest_first")]

    def __str__(self) -> str:
        return str(self.event_id)
