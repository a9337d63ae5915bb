"""A program that asks the API with an account's token."""

from typing import Any
from uuid import uuid4

from django.test import Client

from storefront.access import tokens
from storefront.accounts.models import User
from tests.factories.accounts import make_user


class Program:
    """One account's program; commands get a fresh key unless one is given."""

    def __init__(self, account: User | None = None) -> None:
        self.account = account or make_user()
        self.headers = {"Authorization": f"Bearer {tokens.issue(account=self.account, name='test').token}"}
        # As a program does: no cookie is kept.
        self._client = Client(enforce_csrf_checks=True)

    def get(self, path: str, **query: Any) -> Any:
        return self._ask("get", path, query)

    def post(self, path: str, key: Any = None, **body: Any) -> Any:
        return self._ask("post", path, body, key)

    def put(self, path: str, key: Any = None, **body: Any) -> Any:
        return self._ask("put", path, body, key)

    def delete(self, path: str, key: Any = None) -> Any:
        return self._ask("delete", path, {}, key)

    def _ask(self, method: str, path: str, fields: dict[str, Any], key: Any = None) -> Any:
        self._client.cookies.clear()
        headers = dict(self.headers)
        client: Any = self._client
        if method == "get":
            return client.get(path, fields, headers=headers)
        headers["Idempotency-Key"] = str(uuid4() if key is None else key)
        return getattr(client, method)(path, fields or None, content_type="application/json", headers=headers)
