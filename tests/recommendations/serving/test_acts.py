"""The word of an explanation is what the shopper really did, and at its most telling."""

import pytest
from pytest_django import DjangoAssertNumQueries

from recommendations.events.partitions import ensure_current
from recommendations.events.recent import RecentEvent
from recommendations.events.store import store
from recommendations.serving.acts import telling_acts
from tests.factories.events import make_interaction

pytestmark = pytest.mark.django_db

KEY = "a" * 32


def events(*acts: tuple[str, str]) -> list[RecentEvent]:
    now = make_interaction().occurred_at
    return [RecentEvent(item_id, event_type, now) for item_id, event_type in acts]


@pytest.mark.parametrize(
    ("acts", "told"),
    [
        (["row_click"], "product_view"),
        (["search_click", "product_view"], "product_view"),
        (["product_view", "watch"], "watch"),
        (["watch", "ask", "product_view"], "ask"),
        (["ask", "bid", "watch"], "bid"),
        (["product_view", "purchase"], "purchase"),
        (["product_view", "purchase", "return"], "product_view"),
        (["purchase", "return"], None),
        (["purchase", "hide"], None),
    ],
)
def test_most_telling_act_is_told(acts: list[str], told: str | None) -> None:
    seen = events(*((item_id, act) for act in acts for item_id in ("shoe", "other")))

    assert telling_acts(KEY, ["shoe"], seen).get("shoe") == told


def test_acts_beyond_the_recent_ones_come_from_the_store_in_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    ensure_current()
    past = [("old", "watch"), ("old", "product_view"), ("older", "bid"), ("somebodys", "purchase")]
    store([make_interaction(shopper_key=KEY, item_id=item_id, event_type=act) for item_id, act in past[:3]])
    store([make_interaction(item_id=past[3][0], event_type=past[3][1])])
    seen = events(("shoe", "product_view"))

    with django_assert_num_queries(1):
        first = telling_acts(KEY, ["shoe", "old", "older", "somebodys"], seen)
        again = telling_acts(KEY, ["shoe", "old", "somebodys"], seen)

    assert first == {"shoe": "product_view", "old": "watch", "older": "bid"}
    assert again == {"shoe": "product_view", "old": "watch"}


def test_nothing_is_told_of_items_that_the_shopper_never_touched() -> None:
    assert telling_acts(KEY, ["shoe"], []) == {}
