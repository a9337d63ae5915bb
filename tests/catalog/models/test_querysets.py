from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from catalog import conf
from catalog.models import Product
from catalog.search import popular_categories, search_products
from recommendations import items
from storefront import cards, context
from storefront.clock import Clock
from tests.factories.catalog import make_category, make_product, make_product_for_sale
from tests.fakes.clocks import StandingClock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def today(settings: Settings) -> None:
    """No day begins while a test runs."""
    settings.CLOCK = StandingClock(conf.now())


def make_drop(days: int = 3, **fields: Any) -> Product:
    return make_product_for_sale(released_on=conf.now().date() + timedelta(days=days), **fields)


def test_listed_holds_a_drop_back_until_its_day() -> None:
    out, tomorrow = make_drop(0), make_drop(1)
    make_product(is_listed=False)

    listed = set(Product.objects.listed())

    assert listed == {out}
    assert set(Product.objects.available()) == {out}
    assert set(Product.objects.announced()) == {out, tomorrow}


def test_upcoming_tells_the_next_drop_first() -> None:
    later, sooner = make_drop(9), make_drop(2)
    make_drop(0)
    make_drop(5, is_listed=False)

    upcoming = list(Product.objects.upcoming())

    assert upcoming == [sooner, later]


def test_a_drop_opens_by_itself_when_the_worlds_clock_reaches_it(settings: Settings, tmp_path: Path) -> None:
    drop = make_drop(3)
    settings.CLOCK = Clock(tmp_path / "clock.json")

    settings.CLOCK.set(conf.now() + timedelta(days=3))

    assert list(Product.objects.available()) == [drop]
    assert not Product.objects.upcoming().exists()


def test_no_list_of_the_shop_shows_a_drop_before_its_day(client: Client) -> None:
    caps = make_category("caps")
    drop = make_drop(1, name="Estuary Cap", category=caps)

    found = search_products("estuary").products
    page = client.get("/c/caps/").content.decode()

    assert found == []
    assert drop.slug not in page
    assert popular_categories() == []
    assert context.navigation() == ()
    assert cards.cards_for([drop.sku]) == {}
    assert items.available_among([drop.sku]) == set()
    assert items.listed_among([drop.sku]) == items.listed_item_ids() == set()
    assert items.newest_item_ids(5) == []
