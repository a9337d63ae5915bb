"""Bid, Ask, Trade, and the Quote of a variant (lowest ask, highest bid, last sale).

In the database prices, amounts and statuses are domains, what compares columns is a trigger (`migrations/sql/0025`),
and what an order has in hand has no foreign key (`0026`): checks and keys cost an order more than its rows did.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalog.models.drops import Drop
from catalog.models.products import Variant


class Bid(models.Model):
    """Somebody's standing offer to buy one piece."""

    class Status(models.TextChoices):
        OPEN = "open"
        FILLED = "filled"
        CANCELLED = "cancelled"
        EXPIRED = "expired"

    # Every index costs each order; those below begin with the same columns.
    variant = models.ForeignKey(
        Variant, on_delete=models.PROTECT, related_name="bids", db_index=False, db_constraint=False
    )
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="bids", db_index=False)
    price_cents = models.PositiveIntegerField()
    status = models.CharField(max_length=12, choices=Status, default=Status.OPEN)
    # Changed by an edit of the price: who asks for more goes to the end of that price's line.
    placed_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["variant", "-price_cents", "placed_at", "id"], condition=Q(status="open"), name="bid_book"
            ),
            models.Index(fields=["expires_at"], condition=Q(status="open"), name="bid_expiry"),
            models.Index(fields=["buyer", "-placed_at"], name="bid_of_buyer"),
        ]

    def __str__(self) -> str:
        return f"Bid {self.pk}"


class Ask(models.Model):
    """Somebody's standing offer to sell one piece; without a seller it is the house's."""

    class Status(models.TextChoices):
        OPEN = "open"
        SOLD = "sold"
        CANCELLED = "cancelled"
        EXPIRED = "expired"

    variant = models.ForeignKey(
        Variant, on_delete=models.PROTECT, related_name="asks", db_index=False, db_constraint=False
    )
    seller = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="asks", db_index=False
    )
    # A piece of a drop's stock; such asks are the house's.
    drop = models.ForeignKey(Drop, on_delete=models.PROTECT, null=True, blank=True, related_name="asks")
    price_cents = models.PositiveIntegerField()
    status = models.CharField(max_length=12, choices=Status, default=Status.OPEN)
    placed_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(drop=None) | Q(seller=None), name="ask_of_drop_is_house")]
        indexes = [
            models.Index(
                fields=["variant", "price_cents", "placed_at", "id"], condition=Q(status="open"), name="ask_book"
            ),
            models.Index(fields=["expires_at"], condition=Q(status="open"), name="ask_expiry"),
            models.Index(fields=["seller", "-placed_at"], name="ask_of_seller"),
        ]

    def __str__(self) -> str:
        return f"Ask {self.pk}"


class Trade(models.Model):
    """One piece that changed hands; written once, never changed."""

    class Source(models.TextChoices):
        MARKET = "market"
        # History, by simulated shoppers or from elsewhere: nobody here bought or sold, and no order follows.
        SIMULATION = "simulation"
        IMPORT = "import"

    variant = models.ForeignKey(
        Variant, on_delete=models.PROTECT, related_name="trades", db_index=False, db_constraint=False
    )
    source = models.CharField(max_length=12, choices=Source, default=Source.MARKET)
    # Null where the house sold at its own price; unique, so that an ask is sold at most once.
    ask = models.OneToOneField(
        Ask, on_delete=models.PROTECT, null=True, blank=True, related_name="trade", db_constraint=False
    )
    # Null where somebody bought at the ask's price at once; unique, so that a bid is filled at most once.
    bid = models.OneToOneField(
        Bid, on_delete=models.PROTECT, null=True, blank=True, related_name="trade", db_constraint=False
    )
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="purchases",
        db_index=False,
    )
    seller = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="sales", db_index=False
    )
    price_cents = models.PositiveIntegerField()
    traded_at = models.DateTimeField()

    class Meta:
        ordering = ["-traded_at", "-id"]
        indexes = [
            # Who bought and sold is asked of the orders.
            models.Index(fields=["variant", "-traded_at"], name="trade_history")
        ]

    def __str__(self) -> str:
        return f"Trade {self.pk}"


class Quote(models.Model):
    """What a variant's book says now; recomputed inside the transaction that changed the book."""

    variant = models.OneToOneField(Variant, on_delete=models.CASCADE, primary_key=True, related_name="quote")
    lowest_ask_cents = models.PositiveIntegerField(null=True, blank=True)
    highest_bid_cents = models.PositiveIntegerField(null=True, blank=True)
    last_sale_cents = models.PositiveIntegerField(null=True, blank=True)
    last_sold_at = models.DateTimeField(null=True, blank=True)
    # When the best bid or ask runs out, or earlier; null where nobody knows: the next order looks at the book itself.
    good_until = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Quote of variant {self.variant_id}"
