"""Months get their partitions before anything is written into them, and lose them when they are old."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from recommendations import conf
from recommendations.events import ids, partitions
from recommendations.exceptions import InvalidInput
from recommendations.models import Interaction
from recommendations.tasks import drop_expired_partitions
from storefront.schedule import beat_schedule
from tests.factories.events import make_interaction

pytestmark = pytest.mark.django_db


def at(year: int, month: int, day: int = 15) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


def insert(occurred_at: datetime) -> None:
    made = make_interaction(occurred_at=occurred_at)
    Interaction.objects.create(
        event_id=made.event_id,
        shopper_key=made.shopper_key,
        item_id=made.item_id,
        event_type=made.event_type,
        occurred_at=occurred_at,
        received_at=occurred_at,
    )


def test_partitions_cover_every_month_of_four_tables() -> None:
    made = partitions.ensure_partitions(at(2010, 11), at(2011, 1))

    assert len(made) == 12
    assert "recommendations_interaction_y2010m12" in made
    for moment in (at(2010, 11, 1), at(2010, 12, 31), at(2011, 1, 31)):
        insert(moment)


def test_partitions_that_exist_are_left_alone() -> None:
    partitions.ensure_partitions(at(2010, 11), at(2010, 12))
    insert(at(2010, 12))

    again = partitions.ensure_partitions(at(2010, 12), at(2011, 1))

    assert sorted({name[-8:] for name in again}) == ["y2011m01"]
    assert Interaction.objects.count() == 1


def test_partition_bounds_are_the_utc_months() -> None:
    partitions.ensure_partitions(at(2010, 11), at(2010, 11))

    insert(datetime(2010, 11, 30, 23, 59, 59, 999_000, tzinfo=UTC))
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(datetime(2010, 12, 1, tzinfo=UTC))


@pytest.mark.parametrize(("start", "end"), [(at(2011, 1), at(2010, 1)), (at(1800, 1), at(2010, 1))])
def test_partitions_of_no_sensible_range_are_refused(start: datetime, end: datetime) -> None:
    with pytest.raises(InvalidInput, match="oldest first"):
        partitions.ensure_partitions(start, end)


def test_current_partitions_reach_into_the_next_month() -> None:
    partitions.ensure_current()

    insert(conf.now())
    insert(conf.now() + timedelta(days=28))


def test_credible_ids_get_their_partition_and_others_none() -> None:
    now = conf.now()
    recent, ancient, future = (
        ids.uuid7(now - timedelta(days=700)),
        ids.uuid7(now - timedelta(days=900)),
        ids.uuid7(now + timedelta(days=70)),
    )

    months = partitions.ensure_for([recent, ancient, future])

    assert months == {partitions.month_of(recent)}


def test_months_an_import_made_are_good_for_ids_of_any_age() -> None:
    old = ids.uuid7(at(2010, 12))
    partitions.ensure_partitions(at(2010, 12), at(2010, 12))

    assert partitions.ensure_for([old]) == {(2010, 12)}


@pytest.mark.parametrize("drop", [False, True])
def test_old_partitions_are_detached(drop: bool) -> None:
    partitions.ensure_partitions(at(2010, 11), at(2010, 12))
    partitions.ensure_current()
    insert(at(2010, 12))
    insert(conf.now())

    detached = partitions.detach_before(13, drop=drop)

    assert {name[-8:] for name in detached} == {"y2010m11", "y2010m12"}
    assert Interaction.objects.count() == 1
    assert ("recommendations_interaction_y2010m12" in connection.introspection.table_names()) is not drop


def test_expired_months_are_deleted_by_the_daily_task(settings: Settings) -> None:
    settings.RETENTION_MONTHS = 13
    partitions.ensure_partitions(at(2010, 12), at(2010, 12))
    partitions.ensure_partitions(conf.now() - timedelta(days=380), conf.now())
    insert(conf.now() - timedelta(days=380))
    insert(at(2010, 12))

    drop_expired_partitions()

    assert Interaction.objects.count() == 1
    assert "recommendations_interaction_y2010m12" not in connection.introspection.table_names()
    entries = beat_schedule(retrain_tick_s=60).values()
    assert [entry["schedule"] for entry in entries if entry["task"] == drop_expired_partitions.name] == [86_400]


def test_retention_below_a_month_is_refused() -> None:
    with pytest.raises(InvalidInput, match="retention_months"):
        partitions.detach_before(0)
