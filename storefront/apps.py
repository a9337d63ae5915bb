"""The project's own app: pages, rows, commands."""

from django.apps import AppConfig


class StorefrontConfig(AppConfig):
    name = "storefront"

    def ready(self) -> None:
        """Put the project's parts at the packages' ports."""
        from storefront import wiring  # Models are there only now.

        wiring.connect()
