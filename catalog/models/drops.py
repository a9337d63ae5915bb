"""Drop, a pre-announced release with limited stock that the house sells, and its DropSizes."""

from django.db import models
from django.db.models import Q

from catalog.models.products import Product, Variant


class Drop(models.Model):
    """When a product opens, at what price, and how many pieces one account may buy; the stock is asks of the house."""

    product = models.OneToOneField(Product, on_delete=models.PROTECT, related_name="drop")
    opens_at = models.DateTimeField()
    price_cents = models.PositiveIntegerField()
    limit_per_account = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["opens_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(price_cents__gt=0), name="drop_price_positive"),
            models.CheckConstraint(condition=Q(limit_per_account__gt=0), name="drop_limit_positive"),
        ]
        indexes = [models.Index(fields=["opens_at"], name="drop_opening")]

    def __str__(self) -> str:
        return f"Drop of {self.product}"


class DropSize(models.Model):
    """How many pieces of one size a drop brings."""

    drop = models.ForeignKey(Drop, on_delete=models.CASCADE, related_name="sizes")
    variant = models.OneToOneField(Variant, on_delete=models.PROTECT, related_name="drop_size")
    n_pieces = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["drop", "variant__position"]
        constraints = [models.CheckConstraint(condition=Q(n_pieces__gt=0), name="drop_size_has_pieces")]

    def __str__(self) -> str:
        return f"{self.n_pieces} of {self.variant}"
