"""The project's own app: pages, rows, commands."""

from django.apps import AppConfig


class StorefrontConfig(AppConfig):
    name = "storefront"
