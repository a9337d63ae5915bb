"""The store takes each event id once, impressions within their list alone, and nothing of months out of bounds."""

from dataclasses import asdict
from datetime import timedelta
from uuid import uuid4

import pytest

from recommendations import conf
from recommendations.events import ids, partitions
from recommendations.events.refusals import refusals
from recommendations.events.store import StoreCounts, store
from recommendations.models import Impression, Interaction, PageServed, RecommendationServed
from tests.factories.events import make_exposed, make_impression, make_interaction, make_page, make_served_list

pytestmark = pytest.mark.django_db


def refused(reason: str) -> int:
    return refusals.counts().get(f"store.{reason}", 0)


def test_store_keeps_every_field() -> None:
    interaction = make_interaction(event_value=12.5, session_id="", item_id="SKU\\ é,\"'")
    served = make_served_list(
        rotation="home",
        phase_id=2**40,
        variation="k" * 100,
        item_ids=("A", 'B",{}', "NULL"),
        took_ms=4.5,
        error="throttled",
        teams="ABA",
    )
    page = make_page(status=500, took_ms=1234.5)
    impression = make_impression(rank=7)

    counts = store([impression, page, interaction, served])

    assert counts == StoreCounts(interactions=1, served=1, impressions=1, pages=1)
    row = Interaction.objects.get()
    for name in ("event_id", "shopper_key", "session_id", "item_id", "event_type", "event_value", "occurred_at"):
        assert getattr(row, name) == getattr(interaction, name)
    assert (row.received_at, row.recommendation_id) == (interaction.received_at, None)
    kept = RecommendationServed.objects.get()
    assert (tuple(kept.item_ids), kept.phase_id, kept.variation) == (served.item_ids, 2**40, "k" * 100)
    assert (kept.page_view_id, kept.row, kept.rung) == (served.page_view_id, "recommended", "personal")
    assert (kept.took_ms, kept.error, kept.teams) == (4.5, "throttled", "ABA")
    assert Impression.objects.get().rank == 7
    assert PageServed.objects.values().get() == asdict(page)


def test_store_leaves_exposures_to_their_own_group() -> None:
    assert store([make_exposed(), make_interaction()]) == StoreCounts(interactions=1)


def test_store_takes_a_page_view_once() -> None:
    page = make_page()

    first, second = store([page]), store([page, make_page()])

    assert (first.pages, second.pages) == (1, 1)


def test_store_takes_each_id_once() -> None:
    interactions = [make_interaction() for _ in range(50)]

    first = store([*interactions, *interactions[:10]])
    second = store(interactions)

    assert (first.interactions, second.interactions) == (50, 0)
    assert Interaction.objects.count() == 50


@pytest.mark.parametrize("event_type", ["row_click", "search_click"])
def test_store_takes_every_click_that_came_through_the_door(event_type: str) -> None:
    # Its list was dropped by a full buffer; the trackers and the recent ring take the click as well.
    click = make_interaction(event_type=event_type, recommendation_id=uuid4())

    assert store([click]).interactions == 1


def test_store_refuses_impressions_beyond_their_list() -> None:
    served = make_served_list(shopper_key="wanda", item_ids=("A", "B"))
    fields = {"recommendation_id": served.recommendation_id, "shopper_key": "wanda"}
    last, beyond = make_impression(rank=2, **fields), make_impression(rank=3, **fields)
    foreign = make_impression(rank=1, **{**fields, "shopper_key": "otto"})
    unknown = make_impression(rank=9)
    before = refused("rank_beyond_list")

    counts = store([last, beyond, foreign, unknown, served])

    assert counts.impressions == 2
    assert {row.impression_id for row in Impression.objects.all()} == {last.impression_id, unknown.impression_id}
    assert refused("rank_beyond_list") == before + 2


def test_store_knows_lists_of_earlier_batches() -> None:
    served = make_served_list(shopper_key="wanda", item_ids=("A",))
    store([served])

    counts = store([make_impression(shopper_key="wanda", recommendation_id=served.recommendation_id, rank=2)])

    assert counts.impressions == 0


def test_store_refuses_months_out_of_bounds() -> None:
    now = conf.now()
    before = refused("no_partition")

    counts = store(
        [
            make_interaction(),
            make_interaction(event_id=ids.uuid7(now - timedelta(days=900))),
            make_interaction(event_id=ids.uuid7(now + timedelta(days=100))),
        ]
    )

    assert counts.interactions == 1
    assert refused("no_partition") == before + 2


def test_store_of_nothing_asks_nothing() -> None:
    assert store([]) == StoreCounts()


def test_store_makes_the_partition_it_needs() -> None:
    months_ago = conf.now() - timedelta(days=200)

    assert store([make_interaction(occurred_at=months_ago)]).interactions == 1
    assert partitions.ensure_partitions(months_ago, months_ago) == []
