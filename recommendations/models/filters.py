"""Filters of the embedded backend: which items a campaign of their group may answer with."""

from django.db import models

from recommendations.models.resources import BackendResource, DatasetGroup


class Filter(BackendResource):
    """An expression, checked when it was made; names are unique, as for every resource."""

    dataset_group = models.ForeignKey(DatasetGroup, on_delete=models.CASCADE, related_name="filters")
    name = models.CharField(max_length=63, unique=True)
    expression = models.TextField()
