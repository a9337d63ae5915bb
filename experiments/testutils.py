"""Helpers for the tests of projects that use this app."""

from collections.abc import Mapping
from typing import Any

from django.test.utils import TestContextDecorator

from experiments.assignment import FORCED, Forced
from experiments.snapshot import reset_snapshot

__all__ = ["force_variation", "reset_snapshot"]


class force_variation(TestContextDecorator):  # noqa: N801
    """Give everybody one variation, in every thread of this process, as a context manager or a decorator.

    Args:
        key: The experiment's key; it need not exist.
        name: The variation's key. Of an experiment that exists it must be one of its own.
        payload: Instead of the variation's own; needed where the experiment does not exist.
    """

    def __init__(self, key: str, name: str, payload: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self._key = key
        self._forced = Forced(variation=name, payload=payload)
        self._before: list[Forced | None] = []

    def enable(self) -> None:
        """Remember what was forced before, so that uses nest."""
        self._before.append(FORCED.get(self._key))
        FORCED[self._key] = self._forced

    def disable(self) -> None:
        """Put back what was forced before."""
        before = self._before.pop()
        if before is None:
            FORCED.pop(self._key, None)
        else:
            FORCED[self._key] = before
