"""What a project must have set for flags to mean what they say."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error

AUTHENTICATION = "django.contrib.auth.middleware.AuthenticationMiddleware"
OVERRIDES = "experiments.middleware.OverrideMiddleware"


def check_flag_model(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Flags must be app's, which never draw."""
    if getattr(settings, "WAFFLE_FLAG_MODEL", "") == "experiments.Flag":
        return []
    hint = 'Set WAFFLE_FLAG_MODEL = "experiments.Flag" before the first migration.'
    return [Error("waffle would draw flags at random.", hint=hint, id="experiments.E001")]


def check_order_of_apps(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Of two commands with one name the first app's runs."""
    names = [config.name for config in apps.get_app_configs()]
    if "waffle" not in names or names.index("experiments") < names.index("waffle"):
        return []
    hint = 'List "experiments" before "waffle" in INSTALLED_APPS.'
    return [Error("waffle's own commands would pass the ramp by.", hint=hint, id="experiments.E002")]


def check_order_of_middleware(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Who is staff must be known before an override is accepted."""
    chain = list(settings.MIDDLEWARE)
    if OVERRIDES not in chain or AUTHENTICATION in chain[: chain.index(OVERRIDES)]:
        return []
    hint = f"List {OVERRIDES} after {AUTHENTICATION} in MIDDLEWARE."
    return [Error("Staff could not force a variation.", hint=hint, id="experiments.E003")]
