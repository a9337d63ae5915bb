"""Fixtures for what trains and serves."""

from tests.factories.retraining import calm_world

__all__ = ["calm_world"]
