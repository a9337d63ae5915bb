"""Watch: a product on somebody's watchlist, and what it cost when it came there."""

from django.conf import settings
from django.db import models

from catalog.models.products import Product


class Watch(models.Model):
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="watches")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="watches")
    # Null where nobody asked; the list marks what costs less now.
    price_cents = models.PositiveIntegerField(null=True, blank=True)
    watched_at = models.DateTimeField()

    class Meta:
        ordering = ["-watched_at", "-id"]
        verbose_name_plural = "watches"
        constraints = [models.UniqueConstraint(fields=["account", "product"], name="watched_once")]

    def __str__(self) -> str:
        return f"{self.account} watches {self.product}"
