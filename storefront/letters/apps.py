"""Mail about orders."""

from django.apps import AppConfig


class LettersConfig(AppConfig):
    name = "storefront.letters"
    label = "letters"
    verbose_name = "Mail about orders"
