"""Ask, Trade, and the Quote of a variant (lowest ask, highest bid, last sale)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalog.models.products import Variant
from catalog.models.querysets import AskQuerySet


class Ask(models.Model):
    """Somebody's standing offer to sell one piece; without a seller it is the house's."""

    class Status(models.TextChoices):
        OPEN = "open"
        SOLD = "sold"
        CANCELLED = "cancelled"
        EXPIRED = "expired"

    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="asks")
    seller = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="asks"
    )
    price_cents = models.PositiveIntegerField()
    status = models.CharField(max_length=12, choices=Status, default=Status.OPEN)
    placed_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Ask"]] = AskQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(price_cents__gt=0), name="ask_price_positive"),
            models.CheckConstraint(
                condition=Q(status__in=["open", "sold", "cancelled", "expired"]), name="ask_status_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["variant", "price_cents", "placed_at", "id"], condition=Q(status="open"), name="ask_book"
            ),
        ]

    def __str__(self) -> str:
        return f"Ask {self.pk} at {self.price_cents}"


class Trade(models.Model):
    """One piece that changed hands; written once, never changed."""

    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="trades")
    # Null where the house sold at its own price; unique, so that an ask is sold at most once.
    ask = models.OneToOneField(Ask, on_delete=models.PROTECT, null=True, blank=True, related_name="trade")
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="purchases")
    price_cents = models.PositiveIntegerField()
    traded_at = models.DateTimeField()
    idempotency_key = models.UUIDField()

    class Meta:
        ordering = ["-traded_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["buyer", "idempotency_key"], name="trade_once_per_key"),
            models.CheckConstraint(condition=Q(price_cents__gt=0), name="trade_price_positive"),
        ]
        indexes = [models.Index(fields=["variant", "-traded_at"], name="trade_history")]

    def __str__(self) -> str:
        return f"Trade {self.pk} at {self.price_cents}"


class Quote(models.Model):
    """What a variant's book says now; recomputed inside the transaction that changed the book."""

    variant = models.OneToOneField(Variant, on_delete=models.CASCADE, primary_key=True, related_name="quote")
    lowest_ask_cents = models.PositiveIntegerField(null=True, blank=True)
    highest_bid_cents = models.PositiveIntegerField(null=True, blank=True)
    last_sale_cents = models.PositiveIntegerField(null=True, blank=True)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Quote of variant {self.variant_id}"
