"""Members of staff of several kinds."""

from collections.abc import Callable
from functools import partial

import pytest
from django.test import Client

from tests.factories.accounts import make_user, sign_in_staff


@pytest.fixture
def staff(db: None) -> Client:
    """A superuser's browser."""
    client = Client()
    client.force_login(make_user(is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def staff_with(db: None) -> Callable[..., Client]:
    """The browser of somebody with these permissions of the catalogue alone."""

    return partial(sign_in_staff, "catalog")
