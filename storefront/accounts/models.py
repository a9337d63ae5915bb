"""The account: Django's own user, plus the shopper key that it adopted at its first sign-in; and what is hidden."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Upper


class User(AbstractUser):
    # Null until the first sign-in adopts the device's key; from then on the one key of this person.
    shopper_key = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)

    # Whether mail may tell of bids and asks that were met, and of orders that moved on.
    order_mail = models.BooleanField(default=True, db_default=True)

    class Meta(AbstractUser.Meta):
        # A lost password is looked up by the address, however its letters were typed.
        indexes = [models.Index(Upper("email"), name="account_email")]


class HiddenItem(models.Model):
    """A product that a shopper wants in no row. It belongs to the key, so that it takes no account."""

    shopper_key = models.CharField(max_length=64)
    product = models.ForeignKey("catalog.Product", on_delete=models.CASCADE, related_name="hidden_by")
    hidden_at = models.DateTimeField()

    class Meta:
        ordering = ["-hidden_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["shopper_key", "product"], name="hidden_once")]

    def __str__(self) -> str:
        return f"{self.product} is hidden"
