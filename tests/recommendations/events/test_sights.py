"""Items that were seen: found by list and rank, in the batch, in memory or in the store."""

from collections.abc import Collection
from uuid import UUID

import pytest

from recommendations.events import sights
from recommendations.events.partitions import ensure_current
from recommendations.events.sights import SightReader, read_served_lists
from recommendations.events.store import store
from tests.factories.events import make_impression, make_interaction, make_served_list


class Lists:
    """Stored lists, and what was asked for."""

    def __init__(self) -> None:
        self.stored: dict[UUID, tuple[str, ...]] = {}
        self.asked: list[set[UUID]] = []

    def __call__(self, recommendation_ids: Collection[UUID]) -> dict[UUID, tuple[str, ...]]:
        self.asked.append(set(recommendation_ids))
        return {each: self.stored[each] for each in recommendation_ids if each in self.stored}


def test_sights_are_read_from_the_lists_of_this_batch_and_earlier_ones() -> None:
    lists, listed = Lists(), make_served_list(item_ids=("A", "B", "C"))
    reader = SightReader(lists)
    first, third = (make_impression(recommendation_id=listed.recommendation_id, rank=rank) for rank in (1, 3))

    found = [*reader.read([first, listed, make_interaction()]), *reader.read([third])]

    assert [(one.impression_id, one.item_id) for one in found] == [
        (first.impression_id, "A"),
        (third.impression_id, "C"),
    ]
    assert lists.asked == []


def test_sights_of_unknown_lists_are_looked_up_together_and_left_out_where_nobody_knows() -> None:
    lists, stored, unknown = Lists(), make_impression(rank=2), make_impression()
    lists.stored[stored.recommendation_id] = ("A", "B")
    reader = SightReader(lists)

    found = [one.item_id for _ in range(2) for one in reader.read([stored, unknown])]

    assert found == ["B", "B"]
    assert lists.asked == [{stored.recommendation_id, unknown.recommendation_id}, {unknown.recommendation_id}]


@pytest.mark.parametrize("rank", [0, -1, 3, 200])
def test_sights_beyond_the_list_are_left_out(rank: int) -> None:
    listed = make_served_list(item_ids=("A", "B"))

    found = SightReader(Lists()).read([listed, make_impression(recommendation_id=listed.recommendation_id, rank=rank)])

    assert found == []


def test_sights_keep_so_many_lists_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sights, "LISTS_KEPT", 3)
    reader, lists = SightReader(Lists()), [make_served_list() for _ in range(5)]

    reader.read(lists)

    seen = [make_impression(recommendation_id=listed.recommendation_id) for listed in lists]
    assert len(reader.read(seen)) == 3


@pytest.mark.django_db
def test_sights_find_lists_in_the_store() -> None:
    ensure_current()
    listed = make_served_list(item_ids=("A", "B"))
    store([listed])

    found = SightReader(read_served_lists).read([make_impression(recommendation_id=listed.recommendation_id, rank=2)])

    assert [one.item_id for one in found] == ["B"]
