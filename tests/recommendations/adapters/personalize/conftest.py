"""Fixtures for what speaks to Amazon Personalize."""

from tests.factories.personalize import personalize_service
from tests.factories.retraining import calm_world

__all__ = ["calm_world", "personalize_service"]
