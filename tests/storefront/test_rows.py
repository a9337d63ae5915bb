"""Which rows a shopper gets, in which order, and no item twice."""

import re
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings
from pytest_django import DjangoAssertNumQueries

from catalog.models import Product
from experiments.testutils import force_variation
from recommendations import shared_lists
from recommendations.events import buffer, recent, tokens
from recommendations.events.connections import worker_client
from recommendations.models import SharedList
from recommendations.ports import Shopper
from storefront.page_view import PageView
from storefront.row_experiments import EXPERIMENT
from storefront.rows import Row, build_home_rows
from tests.factories.catalog import make_brand, make_product_for_sale
from tests.factories.events import make_interaction
from tests.factories.second_row import remember, serve_rotation
from tests.fakes.runtime import FakeRuntime

pytestmark = pytest.mark.django_db

TREATMENT = {"slot": "home-recommended", "rotation": "home"}


@pytest.fixture
def skus() -> list[str]:
    brands = [make_brand(f"Brand {number}") for number in range(14)]
    return [make_product_for_sale(brand=brands[number % 14]).sku for number in range(42)]


@pytest.fixture
def shopper() -> Shopper:
    return Shopper(uuid4().hex, uuid4().hex)


def make_lists(popular: list[str], trending: list[str]) -> None:
    for key, item_ids in ((shared_lists.MOST_POPULAR, popular), (shared_lists.TRENDING, trending)):
        SharedList.objects.create(key=key, item_ids=item_ids, computed_at=settings.CLOCK.now())


def look_at(shopper: Shopper, *item_ids: str) -> None:
    now = settings.CLOCK.now()
    looks = [
        make_interaction(
            shopper_key=shopper.shopper_key,
            item_id=item_id,
            occurred_at=now - timedelta(seconds=len(item_ids) - place),
        )
        for place, item_id in enumerate(item_ids)
    ]
    recent.write(looks, client=worker_client())


def build(shopper: Shopper) -> dict[str, Row]:
    return {row.key: row for row in build_home_rows(PageView(shopper))}


def test_newcomer_gets_popular_trending_and_new(skus: list[str], shopper: Shopper) -> None:
    make_lists(skus[:20], skus[10:30])

    with force_variation(EXPERIMENT, "treatment", payload=TREATMENT):
        home = build(shopper)

    assert list(home) == ["most-popular", "trending", "new-releases"]
    assert home["most-popular"].item_ids == tuple(skus[:12])


@pytest.mark.parametrize(("trends", "title"), [(True, "Trending Now"), (False, "Also Popular")])
def test_newcomers_row_is_named_for_what_it_holds(
    skus: list[str], shopper: Shopper, *, trends: bool, title: str
) -> None:
    make_lists(skus[:30], skus[10:30] if trends else [])

    row = build(shopper)["trending"]

    assert (row.title, len(row.item_ids)) == (title, 12)


def test_no_item_stands_twice_on_a_page(skus: list[str], shopper: Shopper) -> None:
    make_lists(skus[:20], skus[:20])
    look_at(shopper, *skus[:8], *skus[30:40])

    with force_variation(EXPERIMENT, "treatment", payload=TREATMENT):
        home = build(shopper)

    counts = Counter(item for row in home.values() for item in row.item_ids)
    assert max(counts.values()) == 1


def test_known_shopper_gets_the_recommended_row_even_without_a_campaign(skus: list[str], shopper: Shopper) -> None:
    make_lists(skus[:20], skus[10:30])
    look_at(shopper, skus[41])

    with force_variation(EXPERIMENT, "treatment", payload=TREATMENT):
        home = build(shopper)

    assert list(home)[1] == "recommended"
    assert home["recommended"].rung == "popular"
    assert len(home["recommended"].item_ids) == 12


def test_control_and_off_show_the_homepage_as_it_was(skus: list[str], shopper: Shopper) -> None:
    make_lists(skus[:20], skus[10:30])
    look_at(shopper, skus[41])

    off = build(shopper)
    with force_variation(EXPERIMENT, "control", payload={"rule": "trending"}):
        control = build(shopper)

    assert list(off)[1] == list(control)[1] == "trending"


def test_untracked_shopper_gets_no_token_and_no_personal_row(skus: list[str]) -> None:
    make_lists(skus[:20], skus[10:30])
    shopper = Shopper(uuid4().hex, uuid4().hex, has_consent=False)
    look_at(shopper, skus[41])

    with force_variation(EXPERIMENT, "treatment", payload=TREATMENT):
        home = build(shopper)

    assert list(home) == ["most-popular", "trending", "new-releases"]
    assert {row.token for row in home.values()} == {""}
    assert not any("?r=" in row.cards for row in home.values())


def test_last_three_looks_stand_in_recently_viewed_and_nowhere_else(skus: list[str], shopper: Shopper) -> None:
    make_lists(skus[:20], skus[12:24])
    looks = [skus[30], skus[1], skus[0], skus[39]]
    look_at(shopper, *looks)

    home = build(shopper)

    assert home["recently-viewed"].item_ids[:3] == (skus[39], skus[0], skus[1])
    assert not {skus[0], skus[1]} & set(home["most-popular"].item_ids)


def test_every_card_carries_a_token_of_its_own_and_its_rank(skus: list[str], shopper: Shopper) -> None:
    make_lists(skus[:20], skus[10:30])

    row = build(shopper)["most-popular"]

    clicked = re.findall(r"\?r=([\w-]{32})", row.cards)
    listed = tokens.read(row.token, shopper.shopper_key)
    assert listed is not None
    assert {
        tokens.read_click("row_click", token, shopper.shopper_key, item_id)
        for token, item_id in zip(clicked, row.item_ids, strict=True)
    } == {listed}
    assert [f'data-rank="{rank}"' in row.cards for rank in range(1, 13)] == [True] * 12


def test_every_list_of_a_tracked_shopper_is_recorded_as_served(skus: list[str], shopper: Shopper) -> None:
    make_lists(skus[:20], skus[10:30])
    before = buffer.stats().recorded

    home = build(shopper)

    assert buffer.stats().recorded - before == len(home)


def test_empty_shop_has_no_rows(shopper: Shopper) -> None:
    assert build(shopper) == {}


def serve_explained(monkeypatch: pytest.MonkeyPatch, item_ids: list[str], because: dict[str, str]) -> None:
    serve_rotation(monkeypatch, "home", FakeRuntime(item_ids, because=because))


def reasons_on(row: Row) -> dict[str, str]:
    cards = [card for card in row.cards.split("<article ") if "card-because" in card]
    return {
        re.findall(r'data-item-id="([^"]+)"', card)[0]: re.findall(r'card-because">([^<]+)<', card)[0] for card in cards
    }


def test_card_says_what_the_shopper_did_and_only_where_they_did_it(
    skus: list[str], shopper: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_lists(skus[:12], skus[:12])
    watched, looked, untouched, *fillers = skus[28:42]
    serve_explained(monkeypatch, skus[12:24], {skus[12]: watched, skus[13]: looked, skus[14]: untouched})
    look_at(shopper, looked, watched, *fillers[:3])
    remember(make_interaction(shopper_key=shopper.shopper_key, item_id=watched, event_type="watch"))

    with force_variation(EXPERIMENT, "treatment", payload=TREATMENT):
        home = build(shopper)

    names = dict(Product.objects.values_list("sku", "name"))
    assert reasons_on(home["recommended"]) == {
        skus[12]: f"Because you watch {names[watched]}",
        skus[13]: f"Because you viewed {names[looked]}",
    }
    assert not any(reasons_on(row) for key, row in home.items() if key != "recommended")


def test_card_of_an_item_that_pulled_itself_up_does_not_name_it(
    skus: list[str], shopper: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_lists(skus[:12], skus[:12])
    serve_explained(monkeypatch, skus[12:24], {skus[12]: skus[12]})
    look_at(shopper, skus[12], *skus[30:33])

    with force_variation(EXPERIMENT, "treatment", payload=TREATMENT):
        home = build(shopper)

    assert reasons_on(home["recommended"]) == {skus[12]: "You viewed this before"}


def test_reason_is_the_shoppers_own_and_never_kept_with_the_card(
    skus: list[str], shopper: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_lists(skus[:12], skus[:12])
    serve_explained(monkeypatch, skus[12:24], {skus[12]: skus[40]})
    other = Shopper(uuid4().hex, uuid4().hex)
    look_at(shopper, skus[40], *skus[30:33])
    look_at(other, *skus[30:33])

    with force_variation(EXPERIMENT, "treatment", payload=TREATMENT):
        mine, theirs = build(shopper), build(other)

    assert mine["recommended"].item_ids == theirs["recommended"].item_ids
    assert reasons_on(mine["recommended"])
    assert "because" not in theirs["recommended"].cards.lower()


def test_reasons_add_no_query_to_a_warm_page(
    skus: list[str],
    shopper: Shopper,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    make_lists(skus[:12], skus[:12])
    serve_explained(monkeypatch, skus[12:24], {skus[12]: skus[40], skus[13]: skus[41]})
    look_at(shopper, skus[40], *skus[30:33])

    with force_variation(EXPERIMENT, "treatment", payload=TREATMENT):
        build(shopper)
        with django_assert_max_num_queries(0):
            home = build(shopper)

    assert list(reasons_on(home["recommended"])) == [skus[12]]
