"""The store takes each event id once, clicks only on what was served, and nothing of months out of bounds."""

from datetime import timedelta
from uuid import uuid4

import pytest

from recommendations import conf
from recommendations.events import ids, partitions
from recommendations.events.refusals import refusals
from recommendations.events.store import StoreCounts, store
from recommendations.models import Impression, Interaction, RecommendationServed
from tests.factories.events import make_impression, make_interaction, make_served_list

pytestmark = pytest.mark.django_db


def refused(reason: str) -> int:
    return refusals.counts().get(f"store.{reason}", 0)


def test_store_keeps_every_field() -> None:
    interaction = make_interaction(event_value=12.5, session_id="", item_id="SKU\\ é,\"'")
    served = make_served_list(rotation="home", phase=3, variation="knn", item_ids=("A", 'B",{}', "NULL"))
    impression = make_impression(rank=7)

    counts = store([impression, interaction, served])

    assert counts == StoreCounts(interactions=1, served=1, impressions=1)
    row = Interaction.objects.get()
    for name in ("event_id", "shopper_key", "session_id", "item_id", "event_type", "event_value", "occurred_at"):
        assert getattr(row, name) == getattr(interaction, name)
    assert (row.received_at, row.recommendation_id) == (interaction.received_at, None)
    kept = RecommendationServed.objects.get()
    assert (tuple(kept.item_ids), kept.phase, kept.variation) == (served.item_ids, 3, "knn")
    assert (kept.page_view_id, kept.row, kept.rung) == (served.page_view_id, "recommended", "personal")
    assert Impression.objects.get().rank == 7


def test_store_takes_each_id_once() -> None:
    interactions = [make_interaction() for _ in range(50)]

    first = store([*interactions, *interactions[:10]])
    second = store(interactions)

    assert (first.interactions, second.interactions) == (50, 0)
    assert Interaction.objects.count() == 50


def test_store_keeps_clicks_on_what_was_served_to_the_shopper() -> None:
    served = make_served_list(shopper_key="wanda", item_ids=("A", "B"))
    mark = {"event_type": "row_click", "recommendation_id": served.recommendation_id}
    honest = make_interaction(shopper_key="wanda", item_id="B", **mark)
    unlisted = make_interaction(shopper_key="wanda", item_id="C", **mark)
    foreign = make_interaction(shopper_key="otto", item_id="B", **mark)
    unknown = make_interaction(event_type="row_click", recommendation_id=uuid4())
    nameless = make_interaction(event_type="row_click")
    view = make_interaction(item_id="C")
    before = refused("click_not_in_list")

    store([view, nameless, unknown, foreign, unlisted, honest, served])

    assert {row.event_id for row in Interaction.objects.all()} == {view.event_id, honest.event_id}
    assert refused("click_not_in_list") == before + 4


def test_store_knows_lists_of_earlier_batches() -> None:
    served = make_served_list(shopper_key="wanda", item_ids=("A",))
    store([served])

    counts = store(
        [
            make_interaction(
                shopper_key="wanda", item_id="A", event_type="row_click", recommendation_id=served.recommendation_id
            )
        ]
    )

    assert counts.interactions == 1


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
