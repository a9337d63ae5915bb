"""The project's own app: pages, rows, commands."""

from importlib import import_module

from django.apps import AppConfig


class StorefrontConfig(AppConfig):
    name = "storefront"

    def ready(self) -> None:
        """Load the Celery application, so that what a page or a command sends reaches this project's broker."""
        import_module("storefront.celery")
