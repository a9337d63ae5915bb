"""A list in the shopper's own order: every item stays, once; later pages go on where the first one left off."""

import pytest

from recommendations.exceptions import BackendThrottled
from recommendations.ports import Shopper
from recommendations.serving.forgetting import forget_shoppers
from recommendations.serving.ranking import MOST_RANKED, rank_for
from tests.factories.second_row import serve_rotation
from tests.fakes.runtime import FakeRuntime

pytestmark = pytest.mark.django_db

SHOPPER = Shopper("a" * 32, "s" * 16)
ITEMS = ("one", "two", "three", "four")


def test_list_is_ranked_by_the_campaign(monkeypatch: pytest.MonkeyPatch) -> None:
    serve_rotation(monkeypatch, "ranking", FakeRuntime(["three", "elsewhere", "two"]))

    ranked = rank_for(SHOPPER, ITEMS, rotation="ranking")

    assert ranked.item_ids == ("three", "two", "one", "four")
    assert (ranked.is_personal, ranked.campaign_arn) == (True, "arn:ranking")
    assert ranked.backend_recommendation_id == "RID-fake"


def test_only_the_first_five_hundred_are_ranked(monkeypatch: pytest.MonkeyPatch) -> None:
    many = [f"item-{number}" for number in range(MOST_RANKED + 3)]
    serve_rotation(monkeypatch, "ranking", FakeRuntime([many[-1], many[MOST_RANKED - 1]]))

    ranked = rank_for(SHOPPER, many, rotation="ranking")

    assert ranked.item_ids[0] == many[MOST_RANKED - 1]
    assert ranked.item_ids[MOST_RANKED:] == tuple(many[MOST_RANKED:])
    assert sorted(ranked.item_ids) == sorted(many)


@pytest.mark.parametrize("error", [BackendThrottled("slower"), ValueError("a fault")])
def test_list_keeps_its_own_order_where_the_campaign_fails(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    serve_rotation(monkeypatch, "ranking", FakeRuntime(error=error))

    ranked = rank_for(SHOPPER, ITEMS, rotation="ranking", list_key="category:1")

    assert (ranked.item_ids, ranked.is_personal) == (ITEMS, False)
    assert ranked.error


def test_nobody_is_ranked_for_who_may_not_be_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = FakeRuntime(["three"])
    serve_rotation(monkeypatch, "ranking", runtime)

    ranked = rank_for(Shopper("a" * 32, "", has_consent=False), ITEMS, rotation="ranking")

    assert (ranked.item_ids, ranked.is_personal, runtime.n_calls) == (ITEMS, False, 0)


def test_later_page_keeps_the_order_of_the_first_with_what_is_new_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = FakeRuntime(["three", "two"])
    serve_rotation(monkeypatch, "ranking", runtime)
    rank_for(SHOPPER, ITEMS, rotation="ranking", list_key="category:1")
    runtime.item_ids = ("four", "one")

    later = rank_for(SHOPPER, ("new", "one", "two", "three"), rotation="ranking", list_key="category:1", goes_on=True)
    elsewhere = rank_for(SHOPPER, ITEMS, rotation="ranking", list_key="category:2", goes_on=True)

    assert later.item_ids == ("three", "two", "one", "new")
    assert (later.is_personal, later.campaign_arn, later.backend_recommendation_id) == (True, "arn:ranking", "RID-fake")
    assert elsewhere.item_ids == ("four", "one", "two", "three")


def test_kept_order_is_forgotten_with_its_shopper(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = FakeRuntime(["three"])
    serve_rotation(monkeypatch, "ranking", runtime)
    rank_for(SHOPPER, ITEMS, rotation="ranking", list_key="category:1")

    forget_shoppers([SHOPPER.shopper_key])
    runtime.item_ids = ("two",)
    later = rank_for(SHOPPER, ITEMS, rotation="ranking", list_key="category:1", goes_on=True)

    assert later.item_ids[0] == "two"


def test_empty_list_stays_empty_and_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = FakeRuntime(["three"])
    serve_rotation(monkeypatch, "ranking", runtime)

    ranked = rank_for(SHOPPER, (), rotation="ranking")

    assert (ranked.item_ids, runtime.n_calls) == ((), 0)
