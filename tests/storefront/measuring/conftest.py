"""Tells apart what is complete from what may still come."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest

from experiments import exposures
from storefront.measuring.source import ShopSource

Complete = Callable[[datetime | None], None]


@pytest.fixture(autouse=True)
def nothing_remembered() -> Iterator[None]:
    exposures.memory.clear()
    yield
    exposures.memory.clear()


@pytest.fixture
def complete_until(monkeypatch: pytest.MonkeyPatch) -> Complete:
    """Say up to when the consumers are through, whatever the stream of this world holds."""

    def say(moment: datetime | None) -> None:
        monkeypatch.setattr(ShopSource, "find_complete_until", lambda _self, _now: moment)

    return say
