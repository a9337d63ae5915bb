"""The project's own app: pages, rows, commands."""

from importlib import import_module

from django.apps import AppConfig


class StorefrontConfig(AppConfig):
    name = "storefront"

    def ready(self) -> None:
        """Put the project's parts at the packages' ports, and its Celery application behind every page's tasks."""
        from storefront import wiring  # Models are there only now.

        import_module("storefront.celery")
        wiring.connect()
