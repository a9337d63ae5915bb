"""PaymentMethod (what stands for an account's means of payment) and what the sandbox provider keeps of its own."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class PaymentMethod(models.Model):
    """The provider's token for an account's means of payment; never a card's number."""

    account = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="payment_method"
    )
    token = models.CharField(max_length=100)
    chosen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.token


class SandboxCharge(models.Model):
    """Money that the sandbox holds for the shop; each of its amounts is a part of the one before."""

    reference = models.CharField(max_length=40, unique=True)
    token = models.CharField(max_length=100)
    authorised_cents = models.PositiveIntegerField()
    captured_cents = models.PositiveIntegerField(default=0)
    refunded_cents = models.PositiveIntegerField(default=0)
    is_voided = models.BooleanField(default=False)
    authorised_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(authorised_cents__gt=0), name="charge_authorised_positive"),
            models.CheckConstraint(
                condition=Q(captured_cents__lte=F("authorised_cents")), name="charge_capture_within"
            ),
            models.CheckConstraint(condition=Q(refunded_cents__lte=F("captured_cents")), name="charge_refund_within"),
            models.CheckConstraint(condition=Q(is_voided=False) | Q(captured_cents=0), name="charge_void_or_captured"),
        ]

    def __str__(self) -> str:
        return self.reference


class SandboxRequest(models.Model):
    """What the sandbox was asked under a key, and its answer; the same key gets the same answer for good."""

    key = models.UUIDField(primary_key=True)
    content = models.CharField(max_length=200)
    # Null where it was asked and, as its token plays it, nobody was there.
    is_done = models.BooleanField(null=True)
    reference = models.CharField(max_length=40, blank=True)
    words = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.content}: { {True: 'done', False: 'declined', None: 'missed'}[self.is_done] }"
