"""SharedList: a list that every shopper may see (most popular, trending), kept as a row so that it is never missing."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class SharedList(models.Model):
    key = models.SlugField(max_length=40, primary_key=True)
    item_ids = ArrayField(models.CharField(max_length=64))
    computed_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key
