"""Accounts for tests."""

from functools import lru_cache
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password

from storefront.accounts.models import User

PASSWORD = "a-long-enough-password"
_numbers = count(1)


def make_user(username: str = "", **fields: Any) -> User:
    """An account whose password is `PASSWORD`; hashed once, because hashing is slow on purpose."""
    return User.objects.create(username=username or f"shopper{next(_numbers)}", password=_hashed(), **fields)


@lru_cache(maxsize=1)
def _hashed() -> str:
    return make_password(PASSWORD)
