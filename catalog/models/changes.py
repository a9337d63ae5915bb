"""ProductChange: that a product changed, noted by the database itself in the transaction that changed it."""

from django.db import models


class ProductChange(models.Model):
    """One change, known by its number alone; what the product is now, its own row says."""

    sku = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.pk}: {self.sku}"
