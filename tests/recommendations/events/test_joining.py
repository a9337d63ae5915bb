"""A device's key is joined to one account's, once, and the stream tells."""

import pytest

from recommendations.events import buffer
from recommendations.events.joining import join_keys
from recommendations.events.schema import Joined
from recommendations.models import KeyJoin

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Joined]:
    records: list[Joined] = []
    monkeypatch.setattr(buffer, "record_joined", records.append)
    return records


def test_join_is_kept_and_told(told: list[Joined]) -> None:
    assert join_keys("device", "account")

    join = KeyJoin.objects.get()
    assert (join.shopper_key, join.heir_key) == ("device", "account")
    assert told == [Joined("device", "account", join.joined_at)]


def test_join_that_is_repeated_is_the_same_join(told: list[Joined]) -> None:
    assert join_keys("device", "account")
    assert join_keys("device", "account")

    assert KeyJoin.objects.count() == 1
    assert len(told) == 2


def test_key_that_was_joined_is_not_joined_to_another(told: list[Joined]) -> None:
    join_keys("device", "ann")

    assert not join_keys("device", "bob")

    assert KeyJoin.objects.get().heir_key == "ann"
    assert [each.heir_key for each in told] == ["ann"]


def test_key_is_not_joined_to_itself(told: list[Joined]) -> None:
    assert join_keys("account", "account")

    assert not KeyJoin.objects.exists()
    assert told == []
