"""Leased: a row that one holder at a time works on."""

from django.db import models


class Leased(models.Model):
    """Claimed by compare and set on `fencing_token`; whoever holds an older token may not write any more."""

    holder = models.CharField(max_length=160, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    fencing_token = models.PositiveBigIntegerField(default=0)
    # Holders that never let go, since the work last moved on.
    n_deaths = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
