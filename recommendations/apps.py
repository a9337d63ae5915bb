"""What each shopper sees."""

from django.apps import AppConfig


class RecommendationsConfig(AppConfig):
    name = "recommendations"
