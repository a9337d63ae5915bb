"""Exposures: which unit really got which variation, first sight only, and units that turned out to be one."""

from django.db import models

from experiments.models.experiments import Variation
from experiments.models.phases import Phase


class Exposure(models.Model):
    """A unit's first exposure in a phase; forced ones stand apart and are never analysed."""

    pk = models.CompositePrimaryKey("phase_id", "unit", "is_forced")
    phase = models.ForeignKey(Phase, on_delete=models.PROTECT, related_name="exposures", db_index=False)
    unit = models.CharField(max_length=64)
    is_forced = models.BooleanField(default=False)
    variation = models.ForeignKey(Variation, on_delete=models.PROTECT, related_name="+", db_index=False)
    first_at = models.DateTimeField()
    # Seen in two variations, directly or through a linked unit: counted, and left out of every result.
    is_crossover = models.BooleanField(default=False)
    # This unit's exposure is counted under the unit that it was linked to.
    is_merged = models.BooleanField(default=False)
    # The variations differ for this unit: their lists are not the same.
    is_triggered = models.BooleanField(default=True)
    # What was known of the unit before the exposure; the segments of the results.
    attributes = models.JSONField(default=dict)
    # The transaction that wrote this row last; a trigger sets it. By it a snapshot finds what it has not seen.
    changed_in = models.BigIntegerField(default=0, editable=False)

    class Meta:
        indexes = (
            models.Index(fields=("phase", "first_at"), name="exposure_by_time"),
            models.Index(fields=("phase", "changed_in"), name="exposure_by_change"),
        )

    def __str__(self) -> str:
        return f"{self.unit} in {self.phase_id}"


class UnitLink(models.Model):
    """Two units turned out to be one, for example a device that signed in to an account with a key of its own."""

    from_unit = models.CharField(max_length=64, primary_key=True)
    to_unit = models.CharField(max_length=64, db_index=True)
    linked_at = models.DateTimeField()
    # As of an exposure.
    changed_in = models.BigIntegerField(default=0, editable=False, db_index=True)

    def __str__(self) -> str:
        return f"{self.from_unit} is {self.to_unit}"
