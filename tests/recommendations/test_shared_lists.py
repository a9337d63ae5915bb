"""Most popular counts shoppers and forgets; trending asks what rises."""

from datetime import timedelta

import pytest
from django.conf import settings

from recommendations import shared_lists
from recommendations.events import ids
from recommendations.events.partitions import ensure_partitions
from recommendations.models import Interaction, SharedList

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _empty() -> None:
    ensure_partitions(settings.CLOCK.now() - timedelta(days=1), settings.CLOCK.now())


def make_views(
    item_id: str, *, shoppers: int, age: timedelta, times: int = 1, event_type: str = "product_view"
) -> None:
    at = settings.CLOCK.now() - age
    for number in range(shoppers):
        for _ in range(times):
            Interaction.objects.create(
                event_id=ids.uuid7(at),
                shopper_key=f"shopper-{number}",
                item_id=item_id,
                event_type=event_type,
                occurred_at=at,
                received_at=at,
            )


def test_most_popular_counts_each_shopper_once() -> None:
    make_views("loved-by-one", shoppers=1, times=9, age=timedelta(hours=1))
    make_views("seen-by-three", shoppers=3, age=timedelta(hours=1))

    shared_lists.refresh()

    assert shared_lists.read(shared_lists.MOST_POPULAR) == ["seen-by-three", "loved-by-one"]


def test_most_popular_forgets_with_its_half_life() -> None:
    three_half_lives = timedelta(days=21)
    ensure_partitions(settings.CLOCK.now() - three_half_lives, settings.CLOCK.now())
    make_views("old-crowd", shoppers=3, age=three_half_lives)
    make_views("fresh-one", shoppers=1, age=timedelta(hours=1))

    shared_lists.refresh()

    assert shared_lists.read(shared_lists.MOST_POPULAR)[0] == "fresh-one"


def test_hides_and_returns_make_nothing_popular() -> None:
    make_views("hidden", shoppers=5, age=timedelta(hours=1), event_type="hide")
    make_views("seen", shoppers=1, age=timedelta(hours=1))

    shared_lists.refresh()

    assert shared_lists.read(shared_lists.MOST_POPULAR) == ["seen"]


def test_refresh_keeps_a_list_that_would_come_out_empty() -> None:
    SharedList.objects.create(key=shared_lists.TRENDING, item_ids=["kept"], computed_at=settings.CLOCK.now())

    counts = shared_lists.refresh()

    assert counts[shared_lists.TRENDING] == 0
    assert shared_lists.read(shared_lists.TRENDING) == ["kept"]
