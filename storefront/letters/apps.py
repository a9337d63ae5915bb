"""Mail about orders."""

from django.apps import AppConfig


class LettersConfig(AppConfig):
    name = "storefront.letters"
    label = "letters"
