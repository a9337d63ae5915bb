"""Order (a trade's money and its life), OrderStep (what happened to it) and Payment (what the provider was asked)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from catalog.models.market import Trade
from catalog.orders.states import OrderStatus


class Order(models.Model):
    """What the buyer pays and the seller gets for one trade; the amounts are fixed when it is made."""

    trade = models.OneToOneField(Trade, on_delete=models.PROTECT, related_name="order")
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="orders")
    # Null where the house sold.
    seller = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="orders_sold"
    )
    price_cents = models.PositiveIntegerField()
    processing_cents = models.PositiveIntegerField()
    shipping_cents = models.PositiveIntegerField()
    total_cents = models.PositiveIntegerField()
    fee_cents = models.PositiveIntegerField()
    payout_cents = models.PositiveIntegerField()
    status = models.CharField(
        max_length=12, choices=[(each.value, each.name) for each in OrderStatus], default=OrderStatus.MATCHED.value
    )
    placed_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["-placed_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(total_cents=F("price_cents") + F("processing_cents") + F("shipping_cents")),
                name="order_total_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(price_cents=F("payout_cents") + F("fee_cents")), name="order_payout_adds_up"
            ),
            models.CheckConstraint(
                condition=Q(status__in=[each.value for each in OrderStatus]), name="order_status_known"
            ),
        ]
        indexes = [
            models.Index(fields=["buyer", "-placed_at"], name="order_of_buyer"),
            models.Index(fields=["seller", "-placed_at"], name="order_of_seller"),
            # What a tick has to see to: unpaid and unshipped orders, not the many that are done.
            models.Index(
                fields=["status", "updated_at"],
                condition=~Q(status__in=["completed", "cancelled"]),
                name="order_under_way",
            ),
        ]

    def __str__(self) -> str:
        return f"Order {self.pk}"


class OrderStep(models.Model):
    """One change of an order's status; appended, never changed."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="steps")
    from_status = models.CharField(max_length=12, blank=True)
    to_status = models.CharField(max_length=12)
    at = models.DateTimeField()
    # `buyer`, `seller`, `provider`, `schedule`, or the name of the member of staff.
    by = models.CharField(max_length=150)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.from_status or 'nothing'} to {self.to_status}"


class Payment(models.Model):
    """One thing that the provider was asked to do for an order; the key makes asking again harmless."""

    class Kind(models.TextChoices):
        AUTHORISE = "authorise"
        CAPTURE = "capture"
        VOID = "void"
        REFUND = "refund"

    class Status(models.TextChoices):
        # Asked, and no answer yet: a timeout leaves it here, and the next tick asks again with the same key.
        ASKED = "asked"
        DONE = "done"
        DECLINED = "declined"

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    kind = models.CharField(max_length=12, choices=Kind)
    status = models.CharField(max_length=12, choices=Status, default=Status.ASKED)
    amount_cents = models.PositiveIntegerField()
    idempotency_key = models.UUIDField(unique=True)
    # The provider's own name for it; never a card's number.
    reference = models.CharField(max_length=100, blank=True)
    words = models.CharField(max_length=200, blank=True)
    n_tries = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "kind"], condition=Q(status__in=["asked", "done"]), name="payment_once_a_kind"
            ),
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="payment_amount_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_cents}: {self.status}"
