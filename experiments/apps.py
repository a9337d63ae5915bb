"""Names the app and registers its checks."""

from django.apps import AppConfig
from django.core.checks import register


class ExperimentsConfig(AppConfig):
    name = "experiments"
    verbose_name = "Experiments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the checks of how the project has set this app up."""
        from experiments import checks  # Apps must be loaded first.

        for check in (checks.check_flag_model, checks.check_order_of_apps, checks.check_order_of_middleware):
            register(check)
