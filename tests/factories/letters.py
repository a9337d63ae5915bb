"""Accounts that are written to, and a mail server that says what a test wants."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from storefront.accounts.models import User
from tests.factories.accounts import make_user


def make_reader(name: str) -> User:
    """An account with an address."""
    return make_user(name, email=f"{name}@example.com")


class ScriptedServer(BaseEmailBackend):
    """Stands at the port of Django's mail: answers each message in turn with what was written for it."""

    def __init__(self, *answers: Exception | None, away: OSError | None = None) -> None:
        super().__init__()
        self._answers, self._away = list(answers), away
        self.taken: list[str] = []

    def open(self) -> bool:
        if self._away is not None:
            raise self._away
        return True

    def close(self) -> None:
        pass

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        answer = self._answers.pop(0) if self._answers else None
        if answer is not None:
            raise answer
        self.taken += [message.to[0] for message in email_messages]
        return len(email_messages)
