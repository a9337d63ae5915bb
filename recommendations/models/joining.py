"""Which keys turned out to be one shopper's: what an anonymous device did belongs to who signed in on it later."""

from django.db import models


class KeyJoin(models.Model):
    """A device's own key, and the account's key that took its place. A key is joined once and to one other."""

    shopper_key = models.CharField(max_length=64, primary_key=True)
    heir_key = models.CharField(max_length=64)
    joined_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["heir_key"], name="keyjoin_heir")]
        constraints = [
            models.CheckConstraint(condition=~models.Q(heir_key=models.F("shopper_key")), name="keyjoin_two_keys")
        ]

    def __str__(self) -> str:
        return f"joined {self.joined_at:%Y-%m-%d %H:%M}"
