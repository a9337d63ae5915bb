"""Which rows a shopper gets, in which order, and no item twice."""

import re
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings

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
