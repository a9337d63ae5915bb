"""Accounts for tests."""

from functools import lru_cache
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission
from django.test import Client

from storefront.accounts.models import User

PASSWORD = "a-long-enough-password"
_numbers = count(1)


def make_user(username: str = "", **fields: Any) -> User:
    """An account whose password is `PASSWORD`; hashed once, because hashing is slow on purpose."""
    return User.objects.create(username=username or f"shopper{next(_numbers)}", password=_hashed(), **fields)


def sign_in_staff(app_label: str, *codenames: str) -> Client:
    """The browser of a member of staff with these permissions of one app alone."""
    account, client = make_user(is_staff=True), Client()
    account.user_permissions.set(Permission.objects.filter(content_type__app_label=app_label, codename__in=codenames))
    client.force_login(account)
    return client


@lru_cache(maxsize=1)
def _hashed() -> str:
    return make_password(PASSWORD)
