"""What the admin calls the apps of others: by what this shop keeps in them, not by their makers' names."""

from django.apps import apps

NAMES = {"auth": "Rights of staff", "axes": "Sign-in refusals", "waffle": "Feature switches"}


def name_apps() -> None:
    """Give each its name; a class of ours in its place would hide it from who looks for it in INSTALLED_APPS."""
    for label, name in NAMES.items():
        apps.get_app_config(label).verbose_name = name
