"""Whose live state is to go: a row from the shopper's word until nothing on its way can bring the state back."""

from django.db import models


class LiveErasure(models.Model):
    shopper_key = models.CharField(max_length=64, primary_key=True)
    asked_at = models.DateTimeField()
    # Of the event stream, once it was within reach; what the groups read up to here may come from before the asking.
    position = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["asked_at"], name="erasure_oldest_first")]

    def __str__(self) -> str:
        return f"asked {self.asked_at:%Y-%m-%d %H:%M}"
