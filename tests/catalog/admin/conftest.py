"""Members of staff of several kinds."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from pytest_django import Settings

from tests.factories.accounts import make_user


@pytest.fixture(autouse=True)
def _plain_static_files(settings: Settings, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.fixture
def staff(db: None) -> Client:
    """A superuser's browser."""
    client = Client()
    client.force_login(make_user(is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def staff_with(db: None) -> Callable[..., Client]:
    """The browser of somebody with these permissions of the catalogue alone."""

    def sign_in(*codenames: str) -> Client:
        account = make_user(is_staff=True)
        account.user_permissions.set(
            Permission.objects.filter(content_type__app_label="catalog", codename__in=codenames)
        )
        client = Client()
        client.force_login(account)
        return client

    return sign_in
