"""Who may ask, by which proof, and how often."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class AccessConfig(AppConfig):
    name = "storefront.access"
    label = "access"
    verbose_name = "API tokens"

    def ready(self) -> None:
        from storefront.access.idling import limit_staff

        user_logged_in.connect(limit_staff, dispatch_uid="limit_staff")
