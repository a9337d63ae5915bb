"""The project's own app: pages, rows, commands."""

from importlib import import_module

from django.apps import AppConfig

from storefront.app_names import name_apps


class StorefrontConfig(AppConfig):
    name = "storefront"

    def ready(self) -> None:
        """Put the project's parts at the packages' ports, Celery behind every page's tasks, and names on all apps."""
        from storefront import wiring  # Models are there only now.

        import_module("storefront.celery")
        wiring.connect()
        name_apps()
