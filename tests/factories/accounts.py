"""Accounts for tests."""

from itertools import count
from typing import Any

from storefront.accounts.models import User

PASSWORD = "a-long-enough-password"
_numbers = count(1)


def make_user(username: str = "", **fields: Any) -> User:
    return User.objects.create_user(username or f"shopper{next(_numbers)}", password=PASSWORD, **fields)
