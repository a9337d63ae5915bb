"""Payout: what the shop owes a seller for a sale that is complete, and what it takes back when that is refunded."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalog.models.orders import Order


class Payout(models.Model):
    """One entry of a seller's account with the shop; appended, never changed. What one has earned is their sum."""

    class Kind(models.TextChoices):
        PAYOUT = "payout"
        REVERSAL = "reversal"

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payouts")
    seller = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="payouts", db_index=False
    )
    kind = models.CharField(max_length=12, choices=Kind)
    # A reversal's is below 0.
    amount_cents = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "kind"], name="payout_once_a_kind"),
            models.CheckConstraint(
                condition=Q(kind="payout", amount_cents__gte=0) | Q(kind="reversal", amount_cents__lte=0),
                name="payout_sign_is_its_kinds",
            ),
        ]
        indexes = [models.Index(fields=["seller", "-at"], name="payout_of_seller")]

    def __str__(self) -> str:
        return f"{self.kind.capitalize()} of order {self.order_id}"
