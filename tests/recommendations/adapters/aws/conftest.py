"""Fixtures for what speaks to S3."""

from tests.factories.personalize import s3_service

__all__ = ["s3_service"]
