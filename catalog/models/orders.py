"""Order (a trade's money and its life), OrderStep (what happened to it), Payment (what the provider was asked)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalog.limits import MAX_REASON
from catalog.models.market import Trade
from catalog.orders.states import OrderStatus, Role
from catalog.payments.plan import Kind, Standing


class Order(models.Model):
    """What the buyer pays and the seller gets for one trade; the database changes nothing of it but its status.

    Its amounts add up, and its people are the trade's: `migrations/sql/0025` and the market's function see to that.
    """

    trade = models.OneToOneField(Trade, on_delete=models.PROTECT, related_name="order", db_constraint=False)
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="orders", db_index=False, db_constraint=False
    )
    # Null where the house sold.
    seller = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="orders_sold",
        db_index=False,
        db_constraint=False,
    )
    price_cents = models.PositiveIntegerField()
    processing_cents = models.PositiveIntegerField()
    shipping_cents = models.PositiveIntegerField()
    total_cents = models.PositiveIntegerField()
    fee_cents = models.PositiveIntegerField()
    payout_cents = models.PositiveIntegerField()
    status = models.CharField(
        max_length=12,
        choices=[(each.value, each.value.capitalize()) for each in OrderStatus],
        default=OrderStatus.MATCHED.value,
    )
    placed_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["-placed_at", "-id"]
        permissions = [("refund_order", "Can cancel an order and give its money back")]
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

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="steps", db_constraint=False)
    from_status = models.CharField(max_length=12, blank=True)
    to_status = models.CharField(max_length=12)
    at = models.DateTimeField()
    by = models.CharField(max_length=150, choices=[(each.value, each.value.capitalize()) for each in Role])
    # Who that was, where it was a person who asked; a member of staff always.
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=MAX_REASON, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["at"], condition=Q(to_status="cancelled"), name="step_cancelled")]

    def __str__(self) -> str:
        return f"{self.from_status or 'nothing'} to {self.to_status}"


class Payment(models.Model):
    """One thing that the provider was asked to do for an order; the key makes asking again harmless."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    kind = models.CharField(max_length=12, choices=[(each.value, each.value.capitalize()) for each in Kind])
    # Asked means that no answer came yet; after a timeout the next tick asks again with the same key.
    status = models.CharField(
        max_length=12,
        choices=[(each.value, each.value.capitalize()) for each in Standing],
        default=Standing.ASKED.value,
    )
    amount_cents = models.PositiveIntegerField()
    idempotency_key = models.UUIDField(unique=True)
    # What stands for the buyer's means of payment at the provider; asked again, it must be the same.
    token = models.CharField(max_length=100, blank=True)
    # The provider's own name for it; never a card's number.
    reference = models.CharField(max_length=100, blank=True)
    words = models.CharField(max_length=200, blank=True)
    n_tries = models.PositiveSmallIntegerField("attempts", default=0)
    asked_at = models.DateTimeField()
    # When to ask again; whoever asks moves it on first, so that no two ask at once.
    ask_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        permissions = [("settle_payment", "Can have an unanswered payment asked for again, or end the wait for it")]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "kind"], condition=Q(status__in=["asked", "done"]), name="payment_once_a_kind"
            ),
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="payment_amount_positive"),
            models.CheckConstraint(condition=Q(kind__in=[each.value for each in Kind]), name="payment_kind_known"),
            models.CheckConstraint(
                condition=Q(status__in=[each.value for each in Standing]), name="payment_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status="asked", answered_at=None) | (~Q(status="asked") & Q(answered_at__isnull=False)),
                name="payment_answer_dated",
            ),
        ]
        indexes = [
            models.Index(fields=["ask_at"], condition=Q(status="asked"), name="payment_to_ask"),
            models.Index(fields=["kind", "order"], condition=Q(status="declined"), name="payment_declined"),
        ]

    def __str__(self) -> str:
        return f"{self.kind.capitalize()} order {self.order_id}: {self.status}"
