"""Who may ask, by which proof, and how often."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "storefront.access"
    label = "access"
